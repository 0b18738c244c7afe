// Blind reading: what each reader says of each picture is kept in the browser and scored at the end.
(() => {
  'use strict';
  const main = document.querySelector('main');
  const at = id => document.getElementById(id);
  const cards = [...document.querySelectorAll('.card')];
  const page = main.dataset.page;
  const store = 'ganymede-blind-' + page;
  const level = 0.95, guessing = 0.5;
  let state = load();

  // ---- what is kept: the readers, and who of them is reading -----------------------------------
  function load() {
    try {
      // A busy Chromium now and then shows a page that is loaded again an empty storage, which the
      // next click would write over; what the tab itself keeps is there.
      const kept = JSON.parse(localStorage.getItem(store)) || history.state;
      if (kept && Array.isArray(kept.readers)) return kept;
    } catch (error) { /* a browser that keeps nothing for files: save() says so */ }
    return { current: '', readers: [] };
  }
  function save() {
    history.replaceState(state, '');
    try {
      localStorage.setItem(store, JSON.stringify(state));
    } catch (error) {
      say('This browser keeps nothing for this page: save your answers before you close it.');
    }
  }
  const reader = () => state.readers.find(r => r.name === state.current);
  const finished = () => state.readers.filter(r => r.finished);
  const open = r => r.answers.flatMap((answer, i) => (answer ? [] : [i]));
  function say(text) { at('message').textContent = text; }

  // ---- the truth, masked by a random sequence so that no reader stumbles over it ------------------
  function masks(seed) {  // mulberry32
    return () => {
      seed = (seed + 0x6d2b79f5) | 0;
      let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return (t ^ (t >>> 14)) >>> 24;
    };
  }
  function truth() {
    const mask = masks(parseInt(page.slice(0, 8), 16));
    return main.dataset.key.match(/../g).map(byte => (parseInt(byte, 16) ^ mask()) & 1 ? 'fake' : 'real');
  }

  // ---- scores --------------------------------------------------------------------------------------
  // P(X <= k) of a binomial X, each term from the one before it, in logarithms.
  function atMost(k, n, p) {
    let log = n * Math.log1p(-p), sum = 0;
    for (let i = 0; i <= k; ++i) {
      sum += Math.exp(log);
      log += Math.log((n - i) / (i + 1)) + Math.log(p) - Math.log1p(-p);
    }
    return sum;
  }
  // The exact interval of a share (Clopper and Pearson 1934).
  function interval(right, n) {
    const tail = (1 - level) / 2;
    const where = isBelow => {
      let low = 0, high = 1;
      for (let i = 0; i < 60; ++i) {
        const middle = (low + high) / 2;
        if (isBelow(middle)) low = middle; else high = middle;
      }
      return (low + high) / 2;
    };
    return [right === 0 ? 0 : where(p => 1 - atMost(right - 1, n, p) < tail),
            right === n ? 1 : where(p => atMost(right, n, p) > tail)];
  }
  function share(right, of) { return { right, of, share: right / of, interval: interval(right, of) }; }
  function score(readers) {
    const said = readers.flatMap(r => r.answers), is = readers.flatMap(truth);
    const among = kind => is.flatMap((t, i) => (!kind || t === kind ? [said[i] === t] : []));
    const of = kind => share(among(kind).filter(Boolean).length, among(kind).length);
    return { all: of(), fakes: of('fake'), reals: of('real') };
  }

  // ---- what can be taken away ------------------------------------------------------------------------
  function record() {
    const is = truth(), done = finished();
    const of = r => ({
      name: r.name, finished: r.finished, score: score([r]),
      answers: r.answers.map((answer, i) => ({ picture: i + 1, answer, truth: is[i] })),
    });
    return {
      kind: 'ganymede blind reading', page, name: main.dataset.name, fakes: main.dataset.fakes,
      pictures: is.length, guessing, level, interval: 'Clopper-Pearson',
      readers: done.map(of), pooled: done.length ? score(done) : null,
    };
  }
  function table() {
    const cell = text => (/[",\n\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text);
    const rows = record().readers.flatMap(r => r.answers.map(a =>
      [page, main.dataset.fakes, r.name, a.picture, a.answer, a.truth, a.answer === a.truth ? 1 : 0]));
    const head = ['page', 'fakes', 'reader', 'picture', 'answer', 'truth', 'right'];
    return [head, ...rows].map(row => row.map(value => cell(String(value))).join(',')).join('\n') + '\n';
  }
  function download(text, type, ending) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = main.dataset.name + '-answers.' + ending;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
  // Readers of another device, from its JSON. One who is here already stays as he is.
  function add(text) {
    const other = JSON.parse(text);
    if (other.page !== page) throw new Error('these answers belong to another page');
    const fresh = other.readers.filter(r => !state.readers.some(known => known.name === r.name));
    for (const r of fresh) {
      const answers = r.answers.map(a => a.answer);
      if (answers.length !== cards.length || answers.some(a => a !== 'real' && a !== 'fake'))
        throw new Error('the answers of ' + r.name + ' are not whole');
      state.readers.push({ name: r.name, answers, finished: r.finished });
    }
    say('Readers added: ' + fresh.length + '.');
  }

  // ---- what is seen --------------------------------------------------------------------------------------
  const percent = x => Math.round(100 * x) + '\u00a0%';
  const counts = s => s.right + ' of ' + s.of;
  const limits = s => Math.round(100 * s.interval[0]) + ' to ' + percent(s.interval[1]);
  function judgement(s) {
    const says = s.interval[0] > guessing ? 'It lies above guessing, ' + percent(guessing) +
        ': the fakes were told from the reals.'
      : s.interval[1] < guessing ? 'It lies below guessing, ' + percent(guessing) +
        ': reals and fakes were taken for each other.'
      : 'Guessing, ' + percent(guessing) + ', lies inside: no evidence that the fakes were told from the reals.';
    return percent(level) + ' interval ' + limits(s) + '. ' + says;
  }
  function element(name, text, className) {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  }
  function spanOf(s) {
    const bar = element('span', '', 'span'), inner = element('i', ''), dot = element('b', '');
    inner.style.left = 100 * s.interval[0] + '%';
    inner.style.width = 100 * (s.interval[1] - s.interval[0]) + '%';
    dot.style.left = 100 * s.share + '%';
    bar.append(inner, dot);
    return bar;
  }
  function rowOf(name, s) {
    const row = document.createElement('tr'), head = element('th', name), bar = element('td', '');
    head.scope = 'row';
    bar.append(spanOf(s.all));
    row.append(head, element('td', counts(s.all) + ', ' + percent(s.all.share)), element('td', limits(s.all)), bar,
      element('td', counts(s.fakes)), element('td', counts(s.reals)));
    return row;
  }
  function showReaders() {
    at('readers').replaceChildren(...state.readers.map(r => {
      const button = element('button', r.name + (r.finished ? ' (finished)' : ''));
      button.type = 'button';
      button.setAttribute('aria-pressed', r.name === state.current);
      button.onclick = () => choose(r.name);
      return button;
    }));
  }
  function showCards(r) {
    main.classList.toggle('reading', Boolean(r && !r.finished));
    cards.forEach((card, i) => {
      for (const input of card.querySelectorAll('input')) {
        input.checked = Boolean(r) && r.answers[i] === input.value;
        input.disabled = !r || Boolean(r.finished);
      }
    });
    at('bar').hidden = !r || Boolean(r.finished);
    if (r) at('progress').textContent = (cards.length - open(r).length) + ' of ' + cards.length + ' marked';
  }
  function showTruth(shown) {
    const r = reader(), is = shown && r && r.finished ? truth() : [];
    at('reveal').setAttribute('aria-pressed', is.length > 0);
    cards.forEach((card, i) => {
      card.classList.toggle('wrong', is.length > 0 && is[i] !== r.answers[i]);
      card.querySelector('.truth').textContent = is.length ? 'was ' + is[i] : '';
    });
  }
  function showResult(r) {
    at('result').hidden = !r || !r.finished;
    if (at('result').hidden) return;
    const own = score([r]).all, done = finished();
    at('sentence').textContent = r.name + ': ' + counts(own) + ' right, ' + percent(own.share);
    at('judgement').textContent = judgement(own);
    const rows = done.map(other => rowOf(other.name, score([other])));
    if (done.length > 1) rows.push(rowOf('all ' + done.length, score(done)));
    at('scores').replaceChildren(...rows);
    at('pooled').hidden = done.length < 2;
  }
  function show() {
    const r = reader();
    showReaders();
    showCards(r);
    showTruth(false);
    showResult(r);
  }

  // ---- what is done ----------------------------------------------------------------------------------------
  function choose(name) {
    state.current = name;
    if (!reader()) state.readers.push({ name, answers: cards.map(() => null), finished: null });
    say('');
    save();
    show();
  }
  function mark(i, answer) {
    const r = reader();
    if (!r) return say('Say who reads first.');
    if (r.finished) return;
    r.answers[i] = answer;
    say('');
    save();
    showCards(r);
  }
  function finish() {
    const r = reader(), left = open(r);
    if (left.length) {
      say(left.length + (left.length > 1 ? ' pictures are' : ' picture is') + ' not marked yet; guess where you are not sure.');
      cards[left[0]].querySelector('input').focus();
      return;
    }
    r.finished = new Date().toISOString();
    save();
    show();
    at('result').focus();
  }
  function addFrom(input) {
    const file = input.files[0];
    if (!file) return;
    file.text().then(add).catch(error => say(file.name + ': ' + error.message + '.')).finally(() => {
      input.value = '';
      save();
      show();
    });
  }

  at('who').onsubmit = event => {
    event.preventDefault();
    const name = at('name').value.trim();
    at('name').value = '';
    if (!name) return;
    choose(name);
    const left = open(reader());
    if (left.length) cards[left[0]].querySelector('input').focus();
  };
  cards.forEach((card, i) => {
    const answer = () => (card.querySelector('input:checked') || {}).value;
    card.onchange = () => mark(i, answer());
    card.querySelector('img').onclick = () => mark(i, answer() === 'fake' ? 'real' : 'fake');
    card.onkeydown = event => {
      const said = { f: 'fake', r: 'real' }[event.key];
      if (!said || event.ctrlKey || event.metaKey || event.altKey) return;
      mark(i, said);
      (cards[i + 1] ? cards[i + 1].querySelector('input') : at('finish')).focus();
    };
  });
  at('finish').onclick = finish;
  at('reveal').onclick = () => showTruth(at('reveal').getAttribute('aria-pressed') !== 'true');
  at('json').onclick = () => download(JSON.stringify(record(), null, 1) + '\n', 'application/json', 'json');
  at('csv').onclick = () => download(table(), 'text/csv', 'csv');
  at('add').onchange = event => addFrom(event.target);
  show();
})();
