"""Reads a page of `ganymede blind` in headless Chromium, as people do, and checks what comes of it.

  blind_in_browser.py CHROMIUM PAGE.html WORK_FOLDER COUNT picked|drawn [SCREENSHOT.png]

The page's pictures must be brighter than grey where they are real, darker where they are fake: that
is how the test knows the truth without the page's key.
"""
import csv
import io
import json
import math
import os
import sys
import time

sys.dont_write_bytecode = True  # the tree stays as it is
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser

TRUTH = '''[...document.querySelectorAll('.card img')].map(image => {
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 4) sum += pixels[i];
  return sum * 4 / pixels.length > 127 ? 'real' : 'fake';
})'''
MARKS = '''[...document.querySelectorAll('.card')].map(card =>
  (card.querySelector('input:checked') || {}).value || null)'''


def check(condition, what):
  if not condition:
    raise AssertionError(what)


def at_least(k, n, p):
  """P(X >= k) of a binomial X, by exact counts."""
  return sum(math.comb(n, i) * p**i * (1 - p)**(n - i) for i in range(k, n + 1))


def check_share(share, right, of):
  check(share['right'] == right and share['of'] == of, 'counts: %s, not %d of %d' % (share, right, of))
  check(abs(share['share'] - right / of) < 1e-12, 'share')
  low, high = share['interval']
  # What Clopper and Pearson's limits are: the shares at which so many, or so few, have chance .025.
  check(low == 0 if right == 0 else abs(at_least(right, of, low) - .025) < 1e-9, 'lower limit')
  check(high == 1 if right == of else abs(1 - at_least(right + 1, of, high) - .025) < 1e-9,
        'upper limit')


class Reading:
  """The page, with what a person can do on it."""

  def __init__(self, browser, page, work):
    self.browser, self.work, self.address = browser, work, 'file://' + os.path.abspath(page)
    browser.ask('Browser.setDownloadBehavior', behavior='allow', downloadPath=os.path.abspath(work))
    browser.open(self.address)
    self.truth = browser.run(TRUTH)

  def text(self, selector):
    text = self.browser.run('document.querySelector(%s).innerText' % json.dumps(selector))
    return text.replace('\u00a0', ' ')

  def hidden(self, selector):
    return self.browser.run('document.querySelector(%s).hidden' % json.dumps(selector))

  def marks(self):
    return self.browser.run(MARKS)

  def begin(self, name):
    self.browser.click('#name')
    self.browser.ask('Input.insertText', text=name)
    self.browser.click('#who button')

  def click_picture(self, i):
    self.browser.click('.card:nth-child(%d) img' % (i + 1))

  def choose(self, i, answer):
    self.browser.click('.card:nth-child(%d) input[value=%s]' % (i + 1, answer))

  def finish(self):
    self.browser.click('#finish')

  def saved(self, button, ending):
    """What a click on a button lays into the folder of downloads."""
    file = os.path.join(self.work, os.path.basename(self.address)[:-len('.html')] + '-answers' + ending)
    if os.path.exists(file):
      os.remove(file)
    self.browser.click(button)
    for _ in range(200):
      if os.path.exists(file):
        with open(file, encoding='utf-8', newline='') as answers:
          return answers.read()
      time.sleep(.05)
    raise AssertionError(button + ' saved nothing')


def read_by_mouse(reading, count):
  """Ann: half by pictures, half by buttons; all right but the first three."""
  reading.begin('Ann')
  check(reading.hidden('#result'), 'no result before the end')
  answers = [('real' if t == 'fake' else 'fake') if i < 3 else t for i, t in enumerate(reading.truth)]
  for i, answer in enumerate(answers):
    if i % 2:
      reading.choose(i, answer)
    else:
      reading.click_picture(i)  # fake first, then real
      if answer == 'real':
        reading.click_picture(i)
  check(reading.marks() == answers, 'marks by mouse')
  check(reading.text('#progress').startswith('%d of %d' % (2 * count, 2 * count)), 'progress')
  return answers


def check_unfinished(reading, browser):
  """Ben marks two and stops: nothing is told, and a reload keeps what is there."""
  reading.begin('Ben')
  reading.choose(0, 'fake')
  reading.choose(1, 'real')
  reading.finish()
  check('not marked yet' in reading.text('#message'), 'open pictures are named')
  check(reading.hidden('#result'), 'no result of half a reading')
  browser.reload()
  check(reading.marks()[:3] == ['fake', 'real', None], 'reload keeps marks')
  check(reading.hidden('#result'), 'no result after a reload')


def read_by_keys(reading, browser, count):
  """Ben goes on with the keyboard alone: everything fake."""
  browser.run("document.querySelector('.card input').focus()")
  for _ in range(2 * count):
    browser.key('f', 'KeyF', 70)
  check(reading.marks() == ['fake'] * (2 * count), 'marks by keys')
  check(browser.run('document.activeElement.id') == 'finish', 'the last key leads to the end')
  browser.key('Enter', number=13)
  browser.ask('Input.dispatchKeyEvent', type='char', text='\r')


def check_export(reading, count, expected, picked):
  record = json.loads(reading.saved('#json', '.json'))
  check(record['fakes'] == ('picked by hand' if picked else 'drawn at random'), 'how fakes were chosen')
  check(record['pictures'] == 2 * count and record['guessing'] == .5, 'what was read')
  check([r['name'] for r in record['readers']] == list(expected), 'readers')
  rights = []
  for reader in record['readers']:
    said = [a['answer'] for a in reader['answers']]
    check(said == expected[reader['name']], 'answers of ' + reader['name'])
    check([a['truth'] for a in reader['answers']] == reading.truth, 'truth')
    right = [s == t for s, t in zip(said, reading.truth)]
    check_share(reader['score']['all'], sum(right), 2 * count)
    for kind in ('fake', 'real'):
      of_kind = [r for r, t in zip(right, reading.truth) if t == kind]
      check_share(reader['score'][kind + 's'], sum(of_kind), count)
    rights += right
  check_share(record['pooled']['all'], sum(rights), len(rights))
  return record


def check_table(reading, expected, picked):
  rows = list(csv.DictReader(io.StringIO(reading.saved('#csv', '.csv'))))
  check(len(rows) == sum(len(a) for a in expected.values()), 'rows')
  for row in rows:
    i = int(row['picture']) - 1
    check(row['answer'] == expected[row['reader']][i] and row['truth'] == reading.truth[i], 'row')
    check(row['right'] == str(int(row['answer'] == row['truth'])), 'right')
    check(row['fakes'] == ('picked by hand' if picked else 'drawn at random'), 'declared in rows')


def check_other_device(reading, browser, record):
  """The answers of a reader elsewhere join; those to another page do not."""
  other = dict(record, readers=[dict(record['readers'][0], name='Cleo, "far" away')])
  for text, says in ((json.dumps(other), 'Readers added: 1'),
                     (json.dumps(dict(other, page='0')), 'belong to another page'),
                     ('{', 'JSON')):
    file = os.path.join(reading.work, 'other-device')
    with open(file, 'w', encoding='utf-8') as out:
      out.write(text)
    node = browser.ask('DOM.querySelector', nodeId=browser.ask('DOM.getDocument')['root']['nodeId'],
                       selector='#add')['nodeId']
    browser.ask('DOM.setFileInputFiles', files=[os.path.abspath(file)], nodeId=node)
    for _ in range(100):
      if says in reading.text('#message'):
        break
      time.sleep(.05)
    check(says in reading.text('#message'), 'message after adding: ' + reading.text('#message'))


def check_narrow(browser):
  """On a phone nothing sticks out, and there are two pictures in a row."""
  browser.phone(360, 740)
  check(browser.run('document.documentElement.scrollWidth') <= 360, 'the page is wider than a phone')
  tops = browser.run('[...document.querySelectorAll(".card")].map(c => c.getBoundingClientRect().top)')
  check(tops[0] == tops[1] != tops[2], 'two pictures in a row')


def check_quiet(browser):
  """Nothing was loaded from elsewhere, nothing complained."""
  for event in browser.seen:
    if event.get('method') == 'Network.requestWillBeSent':
      address = event['params']['request']['url']
      check(address.startswith(('file:', 'data:', 'blob:')), 'loads ' + address)
    check(event.get('method') not in ('Runtime.exceptionThrown', 'Log.entryAdded'), str(event)[:500])


def main(chromium, page, work, count, how, screenshot=None):
  count, picked = int(count), how == 'picked'
  browser = Browser(chromium)
  try:
    reading = Reading(browser, page, work)
    check(sorted(reading.truth) == ['fake'] * count + ['real'] * count, 'as many fakes as reals')
    reading.click_picture(0)
    check(reading.marks() == [None] * (2 * count), 'no marks without a reader')
    expected = {'Ann': read_by_mouse(reading, count)}
    check_unfinished(reading, browser)
    expected['Ben'] = ['fake'] * (2 * count)
    read_by_keys(reading, browser, count)
    check(not reading.hidden('#result'), 'a result at the end')
    check('%d of %d right, 50 %%' % (count, 2 * count) in reading.text('#sentence'), 'half is right')
    check('no evidence' in reading.text('#judgement'), 'as good as guessing')
    check(('picked by hand' in reading.text('#result')) == picked, 'a hand-picked set is declared')
    browser.run("[...document.querySelectorAll('#readers button')][0].click()")
    check(reading.hidden('#result'), 'Ann has not finished')
    reading.finish()
    check('%d of %d right' % (2 * count - 3, 2 * count) in reading.text('#sentence'), "Ann's score")
    check(('lies above' in reading.text('#judgement')) == (count > 6), "Ann's interval")
    reading.click_picture(0)
    check(reading.marks() == expected['Ann'], 'what is finished stays')
    browser.reload()
    check(not reading.hidden('#result') and reading.marks() == expected['Ann'], 'reload keeps the end')
    check(reading.text('#scores').count(' to ') == 3, 'two readers and both together')
    reading.browser.click('#reveal')
    check(browser.run('document.querySelectorAll(".wrong").length') == 3, 'wrong ones are shown')
    record = check_export(reading, count, expected, picked)
    check_table(reading, expected, picked)
    check_quiet(browser)
    check_other_device(reading, browser, record)
    check(reading.text('#scores').count(' to ') == 4, 'three readers and all together')
    expected['Cleo, "far" away'] = expected['Ann']
    check_table(reading, expected, picked)
    check_narrow(browser)
    print('1 passed, 0 failed')
  except Exception:
    browser.screenshot(screenshot or os.path.join(work, 'failed.png'))
    raise
  finally:
    browser.close()


if __name__ == '__main__':
  main(*sys.argv[1:])
