'use strict';
// Keeps the page as it was written by the server up to date. Everything that comes from the cluster is
// put in as text, never as markup.
(() => {
  const body = document.body;
  const rows = document.querySelector('tbody');
  const list = document.getElementById('events');
  const state = document.getElementById('live');
  // How far the clock of this browser is ahead of the exporter's.
  const ahead = Date.now() - Date.parse(body.dataset.at);
  const glyphs = JSON.parse(body.dataset.glyphs);
  const most = Number(body.dataset.rows);
  const NEWS = 30;
  // The picture follows the events by a quarter of a second.
  const SETTLE = 500;
  const LOOK = 15000;

  const make = (tag, text, name) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (name) made.className = name;
    return made;
  };

  const age = (then) => {
    const s = Math.max(0, Math.floor((Date.now() - ahead - Date.parse(then)) / 1000));
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min`;
    if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
    return `${Math.floor(s / 86400)} d ${Math.floor(s / 3600) % 24} h`;
  };
  const ages = () => {
    for (const time of document.querySelectorAll('time.age')) {
      time.textContent = age(time.dateTime);
      time.title = time.dateTime;
    }
  };
  const when = (then) => {
    const time = make('time', age(then), 'age');
    time.dateTime = then;
    return time;
  };

  const keyOf = (lock) => `${lock.namespace}/${lock.name}/${lock.kind}`;
  const rowOf = (key) => [...rows.children].find((row) => row.dataset.key === key);

  const draw = (election) => {
    const row = make('tr', undefined, election.phase);
    row.dataset.key = keyOf(election.key);
    row.dataset.led = String(election.leaderless !== true);
    const cells = [make('td'), make('td', election.key.name), make('td'), make('td')];
    const glyph = make('span', glyphs[election.phase]);
    glyph.ariaHidden = 'true';
    cells[0].append(glyph, ` ${election.phase}`);
    const component = election.component ? ` · ${election.component}` : '';
    cells[1].append(make('small', election.key.namespace + component));
    const term = election.term;
    if (election.leaderless === true) {
      cells[2].textContent = 'nobody';
      if (election.leaderless_since) cells[3].append(when(election.leaderless_since));
    } else if (term) {
      cells[2].textContent = term.leader.pod ?? term.holder;
      if (term.leader.node) cells[2].append(make('small', term.leader.node));
      cells[3].append(when(term.start));
    }
    row.append(...cells);
    return row;
  };

  const compare = (a, b) =>
    a.dataset.led === b.dataset.led ? (a.dataset.key < b.dataset.key ? -1 : 1) : a.dataset.led === 'false' ? -1 : 1;

  const count = () => {
    if (body.dataset.whole !== 'true') return;
    const all = rows.children.length;
    const without = rows.querySelectorAll('[data-led="false"]').length;
    document.getElementById('count').textContent = `${all} elections, ${without} without a leader`;
  };

  const put = (key, election) => {
    rowOf(key)?.remove();
    if (election && (body.dataset.whole === 'true' || rows.children.length < 2 * most)) {
      const row = draw(election);
      row.classList.add('new');
      rows.insertBefore(row, [...rows.children].find((other) => compare(row, other) < 0) ?? null);
    }
    count();
  };

  const banner = (snapshot) => {
    const leases = snapshot.watches.find((watch) => watch.kind === 'Lease');
    const told = [];
    if (!leases?.up) told.push('The exporter does not see the cluster now: what is here is as old as that.');
    if (snapshot.control_plane_silent) told.push('Most leaders stand still at once: see the API server and etcd, not them.');
    document.getElementById('banner').textContent = told.join(' ');
  };

  const ask = async (query) => {
    const answer = await fetch(`api/v1/leases?${new URLSearchParams(query)}`);
    if (!answer.ok) throw new Error(`${answer.status}`);
    return (await answer.json()).snapshot;
  };

  const due = new Map();
  const renew = (lock) => {
    const key = keyOf(lock);
    if (due.has(key)) return;
    due.set(key, setTimeout(async () => {
      due.delete(key);
      try {
        const snapshot = await ask({ namespace: lock.namespace, lease: lock.name });
        put(key, snapshot.elections.find((election) => keyOf(election.key) === key));
        banner(snapshot);
      } catch {
        // The stream breaks too, and says so.
      }
    }, SETTLE));
  };

  const words = {
    term: (e) => `${e.holder} leads`,
    phase: (e) => `${e.from} → ${e.to}`,
    late: () => 'a renewal is late',
    expired: () => 'expired: nobody leads',
    released: (e) => `${e.holder} released it`,
    failover: (e) => `${e.from} → ${e.to}` +
      (e.leaderless_seconds === null ? '' : `, nobody led for ${e.leaderless_seconds.toFixed(1)} s`) +
      (e.stage === 'final' ? `, because: ${e.cause.replaceAll('_', ' ')}` : ''),
    anomaly: (e) => `anomaly: ${e.kind.replaceAll('_', ' ')}`,
  };
  const tell = (event) => {
    const item = make('li');
    const name = event.lease ? `${event.lease.namespace}/${event.lease.name}: ` : '';
    const said = (words[event.event] ?? (() => event.event.replaceAll('_', ' ')))(event);
    item.append(make('time', event.at.slice(11, 19)), ` ${name}${said}`);
    list.prepend(item);
    while (list.children.length > NEWS) list.lastChild.remove();
  };

  const stream = new EventSource(`api/v1/events?after=${encodeURIComponent(body.dataset.after)}`);
  stream.onopen = () => { state.textContent = 'live'; };
  stream.onerror = () => {
    state.textContent = stream.readyState === EventSource.CLOSED ? 'not live: reload the page' : 'connection lost, trying again';
  };
  stream.addEventListener('leadership', ({ data }) => {
    const event = JSON.parse(data);
    tell(event);
    if (event.lease) renew(event.lease);
  });
  // What was missed is in the page that the server writes anew.
  stream.addEventListener('gap', () => { location.reload(); });

  document.getElementById('news').hidden = false;
  setInterval(() => { if (!document.hidden) ages(); }, 1000);
  // No lock is called so: only the state of the watches is asked for.
  setInterval(() => { if (!document.hidden) ask({ namespace: '-' }).then(banner, () => {}); }, LOOK);
  ages();
})();
