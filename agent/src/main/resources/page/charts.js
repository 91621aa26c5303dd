// A chart to look into: exact figures under the pointer, and a part of it larger by dragging over it. Comes when somebody asks for it,
// and brings uPlot with it; the pictures on the pages themselves are the server's and need no script.
'use strict';
// The page's own script has what is shared: how lengths, numbers and bytes are said, and the words.
window.watchkeeperCharts = ({ coarse, amount, bytes, number, words }) => {
  const dialog = document.getElementById('chart'), place = dialog.querySelector('.closer'), problem = dialog.querySelector('.problem');
  const { version, zone } = dialog.dataset;
  const GAP = 180; // seconds; a longer silence is a gap, as in the server's picture
  const DASHES = [[], [9, 4], [3, 3], [12, 3, 3, 3], [6, 6], [1, 4]];
  const COLOURS = ['--accent', '--good', '--warn', '--text', '--quiet', '--bad'];
  let loaded, drawn, again = 0;

  // Steps of lengths of time that can be said in one unit.
  const STEPS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 432000, 864000];

  function exact(seconds) {
    if (seconds < 60) return amount(seconds < 10 ? seconds.toFixed(1) : Math.round(seconds), 'unitS');
    if (seconds >= 3600) return coarse(seconds * 1000);
    const whole = Math.round(seconds);
    return `${amount(Math.floor(whole / 60), 'unitMin')} ${amount(whole % 60, 'unitS')}`;
  }

  const tick = seconds => seconds > 60 && seconds % 60 ? exact(seconds) : coarse(seconds * 1000);

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function library() {
    return loaded ||= new Promise((resolve, reject) => {
      const style = document.createElement('link'), script = document.createElement('script');
      style.rel = 'stylesheet';
      style.href = `/page/uplot.css?v=${version}`;
      script.src = `/page/uplot.js?v=${version}`;
      script.onload = resolve;
      script.onerror = () => { loaded = null; reject(new Error(words.lostNow)); };
      document.head.append(style, script);
    });
  }

  // ---- what is drawn: { time, x, unit, series: [{ label, values, say, scale, dashed }] }

  async function lag() {
    const answer = await fetch('/v1/replication', { cache: 'no-store' }), seen = await answer.json();
    if (!answer.ok) throw new Error(seen.detail || answer.statusText);
    const tables = [], series = [];
    for (const server of seen.servers) {
      for (const replica of server.replicas) {
        const xs = [], ys = [];
        for (const sample of replica.samples.filter(s => s.seconds !== null && s.seconds >= 0)) {
          const at = Date.parse(sample.at) / 1000;
          if (xs.length && at - xs[xs.length - 1] > GAP) { xs.push(xs[xs.length - 1] + 1); ys.push(null); }
          xs.push(at);
          ys.push(sample.seconds);
        }
        if (xs.length < 2) continue;
        tables.push([xs, ys]);
        series.push({ label: replica.name, say: exact, scale: 'y' });
      }
    }
    if (!tables.length) return { series };
    const first = Math.min(...tables.map(([xs]) => xs[0])), last = Math.max(...tables.map(([xs]) => xs[xs.length - 1]));
    tables.push([[first, last], [seen.alertAfterSeconds, seen.alertAfterSeconds]]);
    series.push({ label: dialog.dataset.limit, say: exact, scale: 'y', limit: true });
    return { time: true, data: uPlot.join(tables), series, axes: [['y', tick, STEPS]] };
  }

  function rate(samples) {
    const rows = v => number(Math.round(v)), perSecond = v => `${bytes(Math.round(v))}/s`;
    const series = [{ label: dialog.dataset.rows, say: rows, scale: 'y' }], data = [samples.map(s => s[0]), samples.map(s => s[1])];
    const axes = [['y', rows]];
    if (samples.some(s => s[2] > 0)) {
      series.push({ label: dialog.dataset.bytes, say: perSecond, scale: 'bytes' });
      data.push(samples.map(s => s[2]));
      axes.push(['bytes', perSecond]);
    }
    return { time: false, data, series, axes };
  }

  // ---- the picture

  function draw({ time, data, series, axes }) {
    const old = drawn, labels = series.map(one => one.label).join('\n');
    if (old && old.labels === labels) {
      // A part that was enlarged stays in view; else the newest comes into it.
      const [first, last] = old.whole, { min, max } = old.scales.x, enlarged = min > first || max < last;
      old.whole = [data[0][0], data[0][data[0].length - 1]];
      old.setData(data, !enlarged);
      if (enlarged) old.redraw();
      return;
    }
    if (old) old.destroy();
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit' });
    const short = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' });
    const sayX = time ? at => clock.format(at * 1000) : exact;
    const look = { stroke: colour('--quiet'), font: '12px system-ui, sans-serif', grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
    drawn = new uPlot({
      width: place.clientWidth,
      height: Math.max(220, Math.min(420, innerHeight - 260)),
      tzDate: at => uPlot.tzDate(new Date(at * 1000), zone),
      scales: { x: { time }, y: { range: (u, low, high) => [0, Math.max(1, high * 1.1)] }, bytes: { range: (u, low, high) => [0, Math.max(1, high * 1.1)] } },
      axes: [
        { ...look, space: 80, ...(time ? {} : { incrs: STEPS }), values: (u, splits) => splits.map(time ? at => short.format(at * 1000) : tick) },
        ...axes.map(([scale, say, incrs], i) => ({ ...look, scale, space: 44, ...(incrs ? { incrs } : {}), side: i ? 1 : 3, size: 78, grid: i ? { show: false } : look.grid, values: (u, splits) => splits.map(say) }))
      ],
      series: [
        { label: dialog.dataset.at, value: (u, v) => v === null ? '–' : sayX(v) },
        ...series.map((one, i) => ({
          label: one.label, scale: one.scale, spanGaps: Boolean(one.limit), points: { show: false },
          stroke: colour(one.limit ? '--bad' : COLOURS[i % COLOURS.length]), width: one.limit ? 1 : 2, dash: one.limit ? [2, 4] : DASHES[i % DASHES.length],
          value: (u, v) => v === null || v === undefined ? '–' : one.say(v)
        }))
      ]
    }, data, place);
    drawn.labels = labels;
    drawn.whole = [data[0][0], data[0][data[0].length - 1]];
  }

  async function show(what) {
    try {
      await library();
      const chart = await what();
      if (!dialog.open) return;
      problem.hidden = true;
      if (chart.series.length) draw(chart);
    } catch (e) {
      problem.hidden = false;
      problem.textContent = e.message;
    }
  }

  new ResizeObserver(() => { if (drawn && place.clientWidth) drawn.setSize({ width: place.clientWidth, height: drawn.height }); }).observe(place);
  dialog.addEventListener('close', () => {
    clearInterval(again);
    if (drawn) drawn.destroy();
    drawn = null;
  });
  dialog.querySelector('[data-close]').onclick = () => dialog.close();

  return button => {
    const samples = button.dataset.samples, what = samples ? () => rate(JSON.parse(samples)) : lag;
    document.getElementById('chart-title').textContent = button.dataset.title;
    dialog.showModal();
    if (!samples) again = setInterval(() => { if (!document.hidden && drawn) show(what); }, 10000);
    return show(what);
  };
};
