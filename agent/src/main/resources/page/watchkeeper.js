// Makes the page live. Everything on it comes from the server, words included; without this script it is merely still.
'use strict';
// At once, before anything is painted, so that buttons do not push the page about when they appear.
document.documentElement.classList.add('script');
document.addEventListener('DOMContentLoaded', () => {
  const html = document.documentElement;
  const words = document.body.dataset;
  const skew = Date.parse(words.now) - Date.now(); // the agent's clock, not the browser's, says how old things are
  const $ = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const say = (key, ...values) => values.reduce((text, v, i) => text.replace(`{${i}}`, v), words[key] || '');
  const now = () => Date.now() + skew;

  // ---- ages and countdowns

  const amount = (n, unit) => say('unitJoin', n, words[unit]);
  function coarse(millis) {
    const s = Math.max(0, Math.floor(millis / 1000)), days = Math.floor(s / 86400);
    const two = (major, minor, unit) => minor ? `${major} ${amount(minor, unit)}` : major;
    if (s < 60) return amount(s, 'unitS');
    if (s < 3600) return amount(Math.floor(s / 60), 'unitMin');
    if (s < 86400) return two(amount(Math.floor(s / 3600), 'unitH'), Math.floor(s % 3600 / 60), 'unitMin');
    const said = amount(days, days === 1 ? 'unitDOne' : 'unitDMany');
    return days < 3 ? two(said, Math.floor(s % 86400 / 3600), 'unitH') : said;
  }
  function set(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }
  function tick() {
    for (const t of all('time.ago')) set(t, say('timeAgo', coarse(now() - Date.parse(t.dateTime))));
    for (const t of all('time.in')) {
      const left = Date.parse(t.dateTime) - now();
      set(t, left < 0 ? words.timeDue : say('timeIn', coarse(left)));
    }
    for (const bar of all('.bar')) {
      // A table that stands still, or builds an index, says nothing by itself; the agent knows for how long.
      bar.heard ||= Date.now();
      bar.since ||= Date.now();
      const since = $('.since', bar);
      if (since) set(since, say('progressSince', coarse(Number(bar.dataset.stageMs) + Date.now() - bar.since)));
      if (Date.now() - bar.heard > 5000) { bar.heard = Date.now(); refreshSoon(); }
    }
    if (document.body.classList.contains('stale')) sayLost();
    else if (lastHeard && Date.now() - lastHeard > 16000) lost();
  }

  // ---- the connection

  // What is shown may be old though the stream is alive: failing says that the page itself was refused, or did not come.
  let source, lastHeard = 0, lostAt = 0, failing = false;
  function connect() {
    if (source || document.hidden) return;
    source = new EventSource('/v1/events');
    source.onopen = heard;
    source.onerror = () => {
      // Refused, not merely gone: the page's own answer says why.
      if (source.readyState === EventSource.CLOSED) { source = null; setTimeout(connect, 3000); refreshSoon(); }
      lost();
    };
    // Lag grows while nothing happens that would be told of, and so does the cause of an error go.
    source.addEventListener('heartbeat', () => { heard(); if ($('[data-heartbeat]') || !served.size) refreshSoon(); });
    source.addEventListener('progress', e => { heard(); progress(JSON.parse(e.data)); });
    source.addEventListener('runbooks', e => JSON.parse(e.data).changed.slice(0, 5).forEach(sayChanged));
    for (const name of ['runAccepted', 'runStarted', 'stepStarted', 'stepFinished', 'runFinished', 'runbooks', 'paused']) {
      source.addEventListener(name, () => { heard(); refreshSoon(); });
    }
  }
  function disconnect() {
    if (source) source.close();
    source = null;
    lastHeard = 0;
  }
  function heard() {
    const back = lostAt;
    lastHeard = Date.now();
    if (failing) { refreshSoon(); return; }
    lostAt = 0;
    document.body.classList.remove('stale');
    $('#lost').hidden = true;
    $('#lost').removeAttribute('aria-live');
    const link = $('#link');
    if (link) link.hidden = false;
    if (back) { refreshSoon(); follow(); }
  }
  function lost() {
    if (!lostAt) lostAt = lastHeard || Date.now();
    document.body.classList.add('stale');
    const link = $('#link');
    if (link) link.hidden = true;
    sayLost();
  }
  function sayLost() {
    const age = Date.now() - lostAt, banner = $('#lost'), there = failing && source?.readyState === EventSource.OPEN;
    // Said aloud once; the age then counts on without being announced again.
    if (banner.hidden) { banner.hidden = false; banner.textContent = there ? say('lostPage', coarse(age)) : words.lostNow; }
    else if (age > 4000) { banner.setAttribute('aria-live', 'off'); set(banner, say(there ? 'lostPage' : 'lostAge', coarse(age))); }
  }

  // ---- fresh content: the same page again, its changed parts put in place

  let refreshing = false, again = false, timer = 0, due = 0;
  function refreshSoon(within = 200) {
    // Never later than asked for first: where something happens all the time, it would never come.
    if (timer && due <= Date.now() + within) return;
    clearTimeout(timer);
    due = Date.now() + within;
    timer = setTimeout(() => { timer = 0; refresh(); }, within);
  }
  async function refresh() {
    if (refreshing) { again = true; return; }
    refreshing = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-store' });
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
        failing = false;
        replace(fresh);
        if (lostAt && source?.readyState === EventSource.OPEN) heard();
      } else if (answer.status === 401 || (answer.status === 404 && served.size)) {
        location.reload(); // to sign in again, or to be told that it is gone
      } else if (served.size) {
        failing = true;
        lost();
      }
    } catch (e) {
      failing = true;
      lost();
    } finally {
      refreshing = false;
      if (again) { again = false; refreshSoon(); }
    }
  }
  const served = new Map(all('[data-live]').map(part => [part.id, part.outerHTML]));
  function replace(fresh) {
    const parts = all('[data-live]', fresh);
    // An error was shown, and its cause is gone.
    if (parts.length && !parts.some(part => document.getElementById(part.id))) { location.reload(); return; }
    document.title = fresh.title;
    const icon = $('#icon', fresh);
    if (icon && $('#icon').getAttribute('href') !== icon.getAttribute('href')) $('#icon').setAttribute('href', icon.getAttribute('href'));
    for (const part of parts) {
      const old = document.getElementById(part.id), markup = part.outerHTML;
      if (!old || served.get(part.id) === markup) continue;
      served.set(part.id, markup);
      const focused = old.contains(document.activeElement) ? document.activeElement.id : null;
      // The element itself stays, so that a live region is the same region and announces only what changed.
      old.className = part.className;
      old.replaceChildren(...part.childNodes);
      if (focused) document.getElementById(focused)?.focus();
    }
    confirming();
    tick();
    const json = $('#json'), freshJson = $('#json', fresh);
    if (json && freshJson) json.setAttribute('href', freshJson.getAttribute('href'));
    const log = $('#log'), freshLog = $('#log', fresh);
    if (log && freshLog) log.dataset.running = freshLog.dataset.running;
  }

  function progress(p) {
    const bars = $(`[data-progress="${CSS.escape(p.runId)}"]`);
    if (!bars) return;
    const bar = all('.bar', bars).find(b => b.dataset.subject === p.subject);
    if (p.finished) { if (bar) bar.remove(); return; }
    if (!bar) { refreshSoon(1000); return; } // of hundreds of small tables, only those that stay are shown
    bar.heard = bar.since = Date.now();
    const meter = $('progress', bar);
    if (p.percent === undefined) meter.removeAttribute('value'); else meter.value = p.percent;
    // Figures that change more often cannot be read; a new stage is said at once.
    if (bar.dataset.stage === p.stage && Date.now() - (bar.told || 0) < 1000) return;
    bar.told = Date.now();
    bar.dataset.stage = p.stage;
    bar.dataset.stageMs = p.stageMs;
    parts($('.outlook', bar), outlook(p));
    parts($('.figures', bar), figures(p));
    if ($('#progress')) refreshSoon(5000); // its curve is drawn by the server
  }
  const number = n => n.toLocaleString(html.lang);
  function bytes(n) {
    const names = ['bytes', 'KB', 'MB', 'GB', 'TB'];
    let unit = 0;
    while (n >= 1024 && unit < 4) { n /= 1024; unit++; }
    return (unit === 0 || n >= 100 ? n.toFixed(0) : n.toFixed(1)) + ' ' + names[unit];
  }
  function outlook(p) {
    const said = [];
    if (p.percent !== undefined) said.push([`${p.percent} %`]);
    if (p.stalledSeconds) said.push([say('progressStalled', coarse(p.stalledSeconds * 1000)), 'stalled']);
    else if (p.etaSeconds !== undefined) said.push([say('progressEta', left(p.etaSeconds))]);
    else if (p.overEstimate) said.push([words.progressMore]);
    else if (p.rowsPerSecond === undefined) said.push([say('progressSince', coarse(p.stageMs)), 'since']);
    return said;
  }
  function figures(p) {
    const said = [[p.stage], [say('progressRows', number(p.rows))]];
    if (p.rowsPerSecond !== undefined) said.push([say('progressRate', number(p.rowsPerSecond))]);
    if (p.bytes > 0) said.push([bytes(p.bytes), 'wide']);
    if (p.bytesPerSecond) said.push([bytes(p.bytesPerSecond) + '/s']);
    return said;
  }
  function left(s) {
    const tens = Math.round(s / 10) * 10;
    if (s < 60 || tens >= 600 || tens % 60 === 0) return coarse((s < 60 ? s : tens) * 1000);
    return `${coarse(tens * 1000)} ${coarse(tens % 60 * 1000)}`;
  }
  function parts(element, said) {
    if (element.textContent === said.map(([text]) => text).join(' ')) return;
    element.replaceChildren(...said.flatMap(([text, kind]) => {
      const part = document.createElement('span');
      part.className = kind ? `part ${kind}` : 'part';
      part.textContent = text;
      return [part, ' ']; // without the space no line could break between them
    }).slice(0, -1));
  }

  // ---- the log of a running run

  let story;
  function follow() {
    const log = $('#log');
    if (!log || log.dataset.running !== 'true' || document.hidden) return;
    if (story) story.close();
    story = new EventSource(`/v1/runs/${log.dataset.run}/events`);
    story.addEventListener('log', e => {
      // The story begins with what the page already shows, so it is told from the start into an empty list; and so it is when it
      // comes from the store all of a sudden, after a restart of the agent.
      const stored = e.lastEventId.startsWith('s');
      if (story.stored !== stored) log.replaceChildren();
      story.stored = stored;
      append(log, JSON.parse(e.data));
    });
    story.addEventListener('runFinished', () => { story.close(); story = null; refreshSoon(); });
  }
  function append(log, line) {
    const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 30;
    const item = document.createElement('li'), time = document.createElement('time');
    item.className = line.level;
    time.dateTime = line.at;
    time.textContent = new Date(line.at).toLocaleTimeString('en-GB', { timeZone: log.dataset.zone });
    const level = document.createElement('span'), text = document.createElement('span');
    level.className = 'level';
    level.textContent = line.level;
    text.className = 'text';
    text.textContent = line.message;
    item.append(time, ' ', level, ' ', text);
    log.append(item);
    while (log.children.length > 2000) log.firstChild.remove();
    if (atEnd) log.scrollTop = log.scrollHeight;
    const empty = $('#log-empty');
    if (empty) empty.hidden = true;
  }

  // ---- doing something

  const TOKEN = 'watchkeeper-token';
  function askToken(why) {
    const dialog = $('#token'), form = $('form', dialog);
    form.reset();
    $('#token-why').textContent = why;
    return new Promise(resolve => {
      $('[data-close]', dialog).onclick = () => dialog.close('');
      dialog.onclose = () => resolve(dialog.returnValue === 'ok' ? form.token.value.trim() : '');
      dialog.returnValue = '';
      dialog.showModal();
      form.token.focus();
    });
  }
  async function call(method, path, body) {
    let token = sessionStorage.getItem(TOKEN), why = words.tokenNeeded, kept = Boolean(token);
    for (;;) {
      if (!token) { kept = false; token = await askToken(why); }
      if (!token) return null;
      const headers = { Authorization: 'Bearer ' + token };
      if (body !== undefined) headers['Content-Type'] = 'application/json';
      let answer;
      try {
        answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
      } catch (e) {
        lost();
        throw new Error(words.lostNow);
      }
      if (answer.status === 401) { sessionStorage.removeItem(TOKEN); token = ''; why = words.tokenWrong; continue; }
      const text = await answer.text(), data = text ? JSON.parse(text) : {};
      // One that was good for signing in may not be good for this.
      if (answer.status === 403 && kept) { sessionStorage.removeItem(TOKEN); token = ''; why = data.detail || words.tokenWrong; continue; }
      if (!answer.ok) throw new Error([data.detail || answer.statusText, data.hint].filter(Boolean).join(' – '));
      sessionStorage.setItem(TOKEN, token);
      return data;
    }
  }
  function notice(text, href) {
    const p = document.createElement('p');
    if (href) {
      const a = document.createElement('a');
      a.href = href;
      a.textContent = text;
      p.append(a);
    } else p.textContent = text;
    $('#notices').append(p);
    setTimeout(() => p.remove(), 9000);
  }
  async function sayChanged({ runbook, lines }) {
    const said = [lines ? say(lines === 1 ? 'changedOne' : 'changedMany', runbook, number(lines)) : say('changedSome', runbook)];
    try {
      const answer = await fetch(`/v1/runbooks/${encodeURIComponent(runbook)}`, { cache: 'no-store' });
      const next = answer.ok && (await answer.json()).nextFireTimes[0];
      if (next) said.push(say('changedNext', say('timeIn', coarse(Date.parse(next) - now()))));
    } catch (e) {
      // That it has changed is worth saying all the same.
    }
    notice(said.join(', '), `/runbooks/${encodeURIComponent(runbook)}`);
  }
  async function start(runbook, params, dryRun) {
    const body = { dryRun };
    if (Object.keys(params).length) body.params = params;
    const answer = await call('POST', `/v1/runbooks/${encodeURIComponent(runbook)}/runs`, body);
    if (!answer) return;
    notice(say('actStarted', runbook), `/runs/${answer.runId}`);
    if (location.pathname !== '/') location.href = `/runs/${answer.runId}`;
  }
  // Which run is to be cancelled if its button is pressed once more. Kept here: the button itself is replaced when something happens.
  let sure = { run: '', until: 0, label: '' };
  function confirming() {
    for (const button of all('button[data-act=cancel]')) {
      if (button.dataset.run === sure.run) set(button, Date.now() < sure.until ? words.actSure : sure.label);
    }
  }
  const text = hex => new TextDecoder().decode(Uint8Array.from(hex.match(/../g) || [], h => parseInt(h, 16)));
  let charts;
  const acts = {
    run(button) {
      const params = {};
      for (const { name, value } of button.attributes) {
        if (name.startsWith('data-param-')) params[text(name.slice(11))] = value;
      }
      return start(button.dataset.runbook, params, button.dataset.dry === 'true');
    },
    async pause(button) {
      const { runbook, paused } = button.dataset;
      if (!await call('PUT', `/v1/runbooks/${encodeURIComponent(runbook)}/paused`, { paused: paused === 'true' })) return;
      notice(say(paused === 'true' ? 'actPaused' : 'actResumed', runbook));
      refreshSoon();
    },
    async cancel(button) {
      const { run } = button.dataset, confirmed = sure.run === run && Date.now() < sure.until;
      sure.until = 0;
      confirming();
      if (!confirmed) {
        sure = { run, until: Date.now() + 4000, label: button.textContent };
        confirming();
        setTimeout(confirming, 4010);
        return;
      }
      if (await call('DELETE', `/v1/runs/${run}`)) notice(words.actCancelling);
    },
    async copy(button) {
      await navigator.clipboard.writeText(button.dataset.text);
      notice(words.actCopied);
    },
    async chart(button) {
      charts ||= new Promise((resolve, reject) => {
        const script = document.createElement('script');
        script.src = `/page/charts.js?v=${$('#chart').dataset.version}`;
        script.onload = () => resolve(watchkeeperCharts({ coarse, amount, bytes, number, words }));
        script.onerror = () => { charts = null; reject(new Error(words.lostNow)); };
        document.head.append(script);
      });
      await (await charts)(button);
    },
    async 'sign-in'() {
      if (await call('POST', '/v1/session')) location.reload();
    }
  };
  async function act(control, work) {
    if (control.getAttribute('aria-busy') === 'true') return;
    control.setAttribute('aria-busy', 'true');
    try {
      await work();
    } catch (e) {
      notice(say('actFailed', e.message));
    } finally {
      control.removeAttribute('aria-busy');
    }
  }
  document.addEventListener('click', e => {
    const button = e.target.closest('button[data-act]');
    if (button) act(button, () => acts[button.dataset.act](button));
  });
  document.addEventListener('submit', e => {
    const form = e.target;
    if (form.dataset.act !== 'run-form') return;
    e.preventDefault();
    const params = {};
    for (const input of all('input', form)) if (input.value !== '') params[input.name] = input.value;
    act(e.submitter, () => start(form.dataset.runbook, params, e.submitter.value === 'dry'));
  });

  // ---- sorting and filtering a table: the server does it, and the address says it, so that it can be sent to somebody

  function show(address, keep) {
    history[keep ? 'replaceState' : 'pushState'](null, '', address);
    refreshSoon(0);
  }
  document.addEventListener('click', e => {
    const link = e.target.closest('a.sort');
    if (!link || link.pathname !== location.pathname || e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
    e.preventDefault();
    show(link.href);
  });
  const search = $('form[data-list]');
  if (search) {
    let waiting = 0;
    const sift = () => {
      const address = new URL(location.href), wanted = search.filter.value.trim();
      if (wanted) address.searchParams.set('filter', wanted); else address.searchParams.delete('filter');
      show(address, true);
    };
    search.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(sift, 250); });
    search.addEventListener('submit', e => { e.preventDefault(); clearTimeout(waiting); sift(); });
    addEventListener('popstate', () => {
      search.filter.value = new URL(location.href).searchParams.get('filter') || '';
      refreshSoon(0);
    });
  }

  // ---- go; a hidden tab takes no connection

  function resume() {
    if (document.hidden) { disconnect(); if (story) { story.close(); story = null; } return; }
    connect();
    follow();
    if (lastHeard === 0 && resume.before) refreshSoon();
    resume.before = true;
  }
  const log = $('#log');
  if (log) log.scrollTop = log.scrollHeight;
  document.addEventListener('visibilitychange', resume);
  addEventListener('offline', () => { if (source) lost(); });
  setInterval(tick, 1000);
  if ($('#link')) resume(); // not on the sign-in page
});
