"""A headless Chromium, driven through its debugging pipe: no package, no port.

Messages are JSON, each ended by a zero byte; the browser reads descriptor 3 and writes 4.
"""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


class Browser:
  def __init__(self, program, window=(1000, 1100)):
    self.profile = tempfile.mkdtemp(prefix='ganymede_browser_')
    to_browser, self.write_end = os.pipe()
    self.read_end, from_browser = os.pipe()
    # Above 4 first, so that neither move overwrites the other.
    ends = [os.dup(os.dup(to_browser)), os.dup(os.dup(from_browser))]

    def place():
      for target, end in zip((3, 4), ends):
        os.dup2(end, target)

    self.process = subprocess.Popen(
        [program, '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
         '--no-first-run', '--disable-extensions', '--disable-background-networking',
         '--hide-scrollbars', '--remote-debugging-pipe', '--user-data-dir=' + self.profile,
         '--window-size=%d,%d' % window, 'about:blank'],
        close_fds=False, preexec_fn=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for end in (to_browser, from_browser, *ends):
      os.close(end)
    self.number, self.rest, self.session, self.seen = 0, b'', None, []
    page = next(t for t in self.ask('Target.getTargets')['targetInfos'] if t['type'] == 'page')
    self.session = self.ask('Target.attachToTarget', targetId=page['targetId'],
                            flatten=True)['sessionId']
    for domain in ('Page', 'Runtime', 'Network', 'Log'):
      self.ask(domain + '.enable')

  def message(self, seconds=60):
    """The next message of the browser."""
    end = time.monotonic() + seconds
    while b'\0' not in self.rest:
      if not select.select([self.read_end], [], [], max(0, end - time.monotonic()))[0]:
        raise TimeoutError('the browser says nothing for %d s' % seconds)
      some = os.read(self.read_end, 1 << 20)
      if not some:
        raise EOFError('the browser has ended')
      self.rest += some
    text, self.rest = self.rest.split(b'\0', 1)
    return json.loads(text)

  def ask(self, method, **parameters):
    """A command's result; events that come meanwhile are kept in `seen`."""
    self.number += 1
    command = {'id': self.number, 'method': method, 'params': parameters}
    if self.session and not method.startswith(('Target.', 'Browser.')):
      command['sessionId'] = self.session
    os.write(self.write_end, json.dumps(command).encode() + b'\0')
    while True:
      answer = self.message()
      if answer.get('id') != self.number:
        self.seen.append(answer)
      elif 'error' in answer:
        raise RuntimeError('%s: %s' % (method, answer['error']['message']))
      else:
        return answer['result']

  def event(self, method):
    """Waits for an event."""
    while not any(e.get('method') == method for e in self.seen):
      self.seen.append(self.message())

  def open(self, address):
    self.load('Page.navigate', url=address)

  def reload(self):
    """Not at once, as people are: what a page keeps comes to the browser within a second or so."""
    time.sleep(2)
    self.load('Page.reload')

  def load(self, method, **parameters):
    self.seen = []
    self.ask(method, **parameters)
    self.event('Page.loadEventFired')

  def run(self, script):
    """What an expression of the page's gives, promises waited for."""
    result = self.ask('Runtime.evaluate', expression=script, returnByValue=True,
                      awaitPromise=True, userGesture=True)
    if 'exceptionDetails' in result:
      raise RuntimeError(script + ': ' + json.dumps(result['exceptionDetails'])[:400])
    return result['result'].get('value')

  def key(self, key, code=None, number=0):
    """A key as a person presses it: "f", "Tab"."""
    what = {'key': key, 'code': code or key, 'windowsVirtualKeyCode': number}
    if len(key) == 1:
      what['text'] = key
    self.ask('Input.dispatchKeyEvent', type='keyDown', **what)
    self.ask('Input.dispatchKeyEvent', type='keyUp', **{**what, 'text': ''})

  def click(self, selector):
    """The mouse, on the middle of an element that is brought into view."""
    x, y = self.run('''(async () => { const e = document.querySelector(%s);
        e.scrollIntoView({block: 'center', behavior: 'instant'});
        // Drawn once more: the mouse meets what is on the screen, not what will be.
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        const r = e.getBoundingClientRect();
        return [r.x + r.width / 2, r.y + r.height / 2]; })()''' % json.dumps(selector))
    for kind in ('mousePressed', 'mouseReleased'):
      self.ask('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left', clickCount=1)

  def phone(self, width, height):
    self.ask('Emulation.setDeviceMetricsOverride', width=width, height=height,
             deviceScaleFactor=1, mobile=width < 600)

  def screenshot(self, file):
    with open(file, 'wb') as out:
      out.write(base64.b64decode(self.ask('Page.captureScreenshot', format='png')['data']))

  def close(self):
    try:
      self.ask('Browser.close')
      self.process.wait(20)
    except (EOFError, OSError, RuntimeError, TimeoutError, subprocess.TimeoutExpired):
      self.process.kill()
      self.process.wait()
    os.close(self.write_end)
    os.close(self.read_end)
    shutil.rmtree(self.profile, ignore_errors=True)
