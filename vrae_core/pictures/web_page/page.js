"use strict";

const MOST_SMOOTH = 5000; // dots drawn with smooth edges; more are put down cell by cell, which is a hundred times faster
const MOST_IN_LEGEND = 500;
const NEAR = 24; // pixels: the farthest a dot may be from the pointer that is on it
const FADE = 0.02; // seconds in which a clip that is stopped falls silent
const MOST_DECODED = 48; // clips kept as sound
const DRUMS = 4, LANE = 0.2; // a column is 128 · part + pitch; the share of a roll's height in which its drums are
const SHADES = [1, 1, 0.5, 0.75]; // of all together, melody, chords and bass

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const map = byId("map"), ink = map.getContext("2d"), card = byId("card"), playing = byId("playing");
const light = matchMedia("(prefers-color-scheme: light)");

function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

async function unpacked(text) {
  return new Response(new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
}

async function start() {
  const [points, songOf, secondsOf, barOf, barLineOf, rolls, rollAt, clipped, heardRolls] = await Promise.all(
    [data.points, data.songOf, data.secondsOf, data.barOf, data.barLineOf, data.rolls, data.rollAt, data.clipped,
      data.heardRolls].map(unpacked));
  const windows = {
    points: new Uint16Array(points), songOf: new Uint32Array(songOf), secondsOf: new Float32Array(secondsOf),
    barOf: new Float32Array(barOf), barLineOf: new Int32Array(barLineOf),
    rolls: new Uint8Array(rolls), rollAt: new Int32Array(rollAt), clipped: new Uint32Array(clipped),
    heardRolls: new Uint8Array(heardRolls),
  };
  const levels = await Promise.all(data.colourings.map((colouring) => unpacked(colouring.colourOf)));
  data.colourings.forEach((colouring, i) => { colouring.levelOf = new Uint32Array(levels[i]); });
  showMap(windows);
}

function showMap({ points, songOf, secondsOf, barOf, barLineOf, rolls, rollAt, clipped, heardRolls }) {
  const count = songOf.length;
  const clipOf = new Map(Array.from(clipped, (window, clip) => [window, clip]));
  const isClipped = new Uint8Array(count);
  for (const window of clipped) isClipped[window] = 1;
  const view = { zoom: 1, x: 0.5, y: 0.5 }; // the place in the middle
  let width = 0, height = 0, side = 1, dpr = 1;
  let colouring = data.colourings[data.colouredBy]; // what the dots have colours of; undefined: of their songs
  let inColour = data.songs.map((song) => song.lit); // the others are grey
  let hovered = -1, chosen = -1;
  let sprites = [], spriteSize = 0;

  // --- places: (0–1, 0–1) on the map, y upwards, and pixels of the canvas

  const mapX = (i) => points[2 * i] / data.finest, mapY = (i) => points[2 * i + 1] / data.finest;
  const scale = () => side * view.zoom;
  const screenX = (i) => (mapX(i) - view.x) * scale() + width / 2;
  const screenY = (i) => (view.y - mapY(i)) * scale() + height / 2;
  const lit = (i) => inColour[songOf[i]], allLit = () => inColour.every(Boolean);

  function nearest(x, y, within, wanted = lit) {
    const far = within / scale(), px = (x - width / 2) / scale() + view.x, py = view.y - (y - height / 2) / scale();
    let best = -1, least = far * far;
    for (let i = 0; i < count; i++) {
      const dx = mapX(i) - px, dy = mapY(i) - py, square = dx * dx + dy * dy;
      if (square <= least && wanted(i)) { least = square; best = i; }
    }
    return best;
  }

  function nearestClip(i) { // among the songs in colour, if they have one
    const from = [screenX(i), screenY(i), Infinity];
    const best = nearest(...from, (other) => isClipped[other] && lit(other));
    return best < 0 ? nearest(...from, (other) => isClipped[other]) : best;
  }

  function colour(song) {
    return light.matches ? data.songs[song].light : data.songs[song].dark;
  }

  const kindOf = (i) => (colouring ? colouring.levelOf[i] : songOf[i]); // one colour each
  const kindColour = (kind) =>
    !colouring ? colour(kind) : light.matches ? colouring.light[kind] : colouring.dark[kind];

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // --- drawing

  const dotRadius = () => Math.min(8, Math.max(1.2, 85 / Math.sqrt(count)) * Math.pow(view.zoom, 0.35));

  function sprite(fill, radius, alpha) {
    const drawn = document.createElement("canvas");
    drawn.width = drawn.height = spriteSize;
    const pen = drawn.getContext("2d");
    pen.globalAlpha = alpha;
    pen.fillStyle = fill;
    pen.beginPath();
    pen.arc(spriteSize / 2, spriteSize / 2, radius * dpr, 0, 2 * Math.PI);
    pen.fill();
    return drawn;
  }

  function spriteOf(i) { // fainter where there is no clip, less so where the shade means something
    const own = isClipped[i], kind = 2 * kindOf(i) + own;
    return (sprites[kind] ??= sprite(kindColour(kindOf(i)), dotRadius(), own ? 0.95 : colouring ? 0.7 : 0.5));
  }

  function draw() {
    const radius = dotRadius();
    ink.setTransform(1, 0, 0, 1, 0, 0);
    ink.clearRect(0, 0, map.width, map.height);
    (count > MOST_SMOOTH ? drawCells : drawSmoothly)(radius);
    ink.setTransform(dpr, 0, 0, dpr, 0, 0);
    drawMarks(radius);
  }

  function drawSmoothly(radius) {
    const size = Math.ceil(2 * radius * dpr) + 2, half = size / 2;
    if (size !== spriteSize) { spriteSize = size; sprites = []; }
    const grey = sprite(style("--grey-dot"), radius, 0.8);
    for (const coloured of [false, true]) {
      for (let i = 0; i < count; i++) {
        if (lit(i) !== coloured) continue;
        const x = screenX(i), y = screenY(i);
        if (x < -9 || y < -9 || x > width + 9 || y > height + 9) continue;
        ink.drawImage(coloured ? spriteOf(i) : grey, x * dpr - half, y * dpr - half);
      }
    }
  }

  function drawCells(radius) {
    const image = new ImageData(map.width, map.height), cells = new Uint32Array(image.data.buffer), disc = [];
    const r = Math.max(0.5, radius * dpr), reach = Math.ceil(r);
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++) if (dx * dx + dy * dy <= r * r + r) disc.push(dy * map.width + dx);
    const packed = (hex) => 0xff000000 | parseInt(hex.slice(5, 7) + hex.slice(3, 5) + hex.slice(1, 3), 16); // ABGR
    const kinds = colouring ? colouring.dark : data.songs;
    const colours = kinds.map((_, kind) => packed(kindColour(kind))), grey = packed(style("--grey-dot"));
    for (const coloured of [false, true]) {
      for (let i = 0; i < count; i++) {
        if (lit(i) !== coloured) continue;
        const x = Math.round(screenX(i) * dpr), y = Math.round(screenY(i) * dpr);
        if (x < reach || y < reach || x >= map.width - reach || y >= map.height - reach) continue;
        const middle = y * map.width + x, value = coloured ? colours[kindOf(i)] : grey;
        for (const offset of disc) cells[middle + offset] = value;
      }
    }
    ink.putImageData(image, 0, 0);
  }

  function drawMarks(radius) {
    if (player.window >= 0 && player.asked >= 0 && player.window !== player.asked) {
      ink.strokeStyle = style("--quiet");
      ink.setLineDash([3, 4]);
      ink.beginPath();
      ink.moveTo(screenX(player.asked), screenY(player.asked));
      ink.lineTo(screenX(player.window), screenY(player.window));
      ink.stroke();
      ink.setLineDash([]);
    }
    for (const [i, reach, name] of [[hovered, 3, "--quiet"], [chosen, 4, "--ink"], [player.window, 6, "--accent"]]) {
      if (i < 0) continue;
      ink.strokeStyle = style(name);
      ink.lineWidth = 2;
      ink.beginPath();
      ink.arc(screenX(i), screenY(i), radius + reach, 0, 2 * Math.PI);
      ink.stroke();
    }
  }

  let wanted = 0;
  function redraw() {
    cancelAnimationFrame(wanted);
    wanted = requestAnimationFrame(draw);
  }

  function drawLines(pen, canvas, window, w) { // of beats, and stronger of bars
    if (!data.stepsPerBeat) return;
    const [first, bar] = barLineOf.subarray(2 * window, 2 * window + 2);
    pen.fillStyle = style("--quiet");
    for (let t = first < 0 ? 0 : first % data.stepsPerBeat; t < data.window; t += data.stepsPerBeat) {
      pen.globalAlpha = first >= 0 && t >= first && (t - first) % bar === 0 ? 0.7 : 0.25;
      pen.fillRect(t * w, 0, 2, canvas.height);
    }
    pen.globalAlpha = 1;
  }

  function drawRoll(canvas, bits, columns, row, fill, window, share) {
    const pen = canvas.getContext("2d"), stride = Math.ceil(columns.length / 8), cells = [], hits = [];
    const kinds = columns.filter((column) => column >> 7 === DRUMS), lane = kinds.length ? LANE * canvas.height : 0;
    let low = Infinity, high = -Infinity;
    for (let t = 0; t < data.window; t++) {
      for (let p = 0; p < columns.length; p++) {
        if ((bits[(row + t) * stride + (p >> 3)] >> (p & 7)) & 1) {
          const part = columns[p] >> 7, pitch = columns[p] & 127;
          if (part === DRUMS) {
            hits.push([t, kinds.indexOf(columns[p])]);
          } else {
            cells.push([t, pitch, part]);
            low = Math.min(low, pitch);
            high = Math.max(high, pitch);
          }
        }
      }
    }
    const span = Math.max(25, high - low + 3), top = (low + high + span) / 2;
    const w = canvas.width / data.window, h = (canvas.height - lane) / span;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    drawLines(pen, canvas, window, w);
    pen.fillStyle = fill;
    for (const [t, pitch, part] of cells) {
      pen.globalAlpha = SHADES[part];
      pen.fillRect(t * w, (top - pitch) * h - h / 2, w + 0.4, Math.max(4, h - 1));
    }
    pen.globalAlpha = 1;
    pen.fillStyle = style("--ink");
    const each = lane / Math.max(1, kinds.length);
    for (const [t, kind] of hits) pen.fillRect(t * w, canvas.height - (kind + 1) * each, w + 0.4, Math.max(3, each - 1));
    if (share !== undefined) {
      pen.fillStyle = style("--ink");
      pen.fillRect(share * canvas.width - 2, 0, 4, canvas.height);
    }
  }

  // --- words

  function clock(i) { // where in its song a window begins
    if (barOf.length) {
      const [bar, beat] = barOf.subarray(2 * i, 2 * i + 2);
      return beat === 1 ? `bar ${bar}` : `bar ${bar}, beat ${+beat.toFixed(2)}`;
    }
    const tenths = Math.round(secondsOf[i] * 10);
    return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
  }

  const nameOf = (i) => data.songs[songOf[i]].name;
  const titleOf = (i) => `${nameOf(i)} · ${clock(i)}`;

  function fill(part, i, words) {
    part.querySelector("bdi").textContent = nameOf(i);
    part.querySelector(".swatch").style.background = colour(songOf[i]);
    part.querySelector(".when").textContent = words;
  }

  function showCard(i, where) {
    hovered = i;
    card.hidden = i < 0;
    if (i >= 0) {
      fill(card, i, isClipped[i] || !clipped.length ? clock(i) : `${clock(i)} · plays the nearest clip`);
      const roll = card.querySelector(".roll");
      roll.hidden = rollAt[i] < 0;
      if (rollAt[i] >= 0) drawRoll(roll, rolls, data.columns, rollAt[i], colour(songOf[i]), i);
      const x = where ? where.x : screenX(i), y = where ? where.y : screenY(i);
      const right = x + 18 + card.offsetWidth < width, below = y + 18 + card.offsetHeight < height;
      card.style.left = `${Math.max(4, right ? x + 18 : x - 18 - card.offsetWidth)}px`;
      card.style.top = `${Math.max(4, below ? y + 18 : y - 18 - card.offsetHeight)}px`;
    }
    redraw();
  }

  // --- sound

  const player = {
    asked: -1, window: -1, context: null, source: null, gain: null, began: 0, seconds: 0, decoded: new Map(), turn: 0,

    async play(i) {
      if (!clipped.length) {
        byId("said").textContent = `${titleOf(i)}: this page holds no clips`;
        return;
      }
      const window = clipOf.has(i) ? i : nearestClip(i);
      this.stop();
      const turn = ++this.turn;
      this.context ??= new AudioContext();
      const resumed = this.context.resume();
      const sound = await this.sound(clipOf.get(window));
      await resumed;
      if (turn !== this.turn) return; // another was asked for meanwhile
      this.source = new AudioBufferSourceNode(this.context, { buffer: sound });
      this.gain = new GainNode(this.context);
      this.source.connect(this.gain).connect(this.context.destination);
      this.source.onended = () => turn === this.turn && this.stop();
      this.source.start();
      Object.assign(this, { asked: i, window, began: this.context.currentTime, seconds: sound.duration });
      const words = i === window ? `${clock(i)} · as the model plays it` : `${clock(window)} · the nearest clip`;
      fill(playing, window, words);
      playing.hidden = false;
      byId("said").textContent = i === window
        ? `Playing ${titleOf(i)}` : `Playing ${titleOf(window)}, the nearest clip to ${titleOf(i)}`;
      this.follow();
      redraw();
    },

    async sound(clip) {
      if (!this.decoded.has(clip)) {
        this.decoded.set(clip, this.context.decodeAudioData(bytesOf(data.clips[clip]).buffer));
        if (this.decoded.size > MOST_DECODED) this.decoded.delete(this.decoded.keys().next().value);
      }
      return this.decoded.get(clip);
    },

    stop() {
      this.turn++;
      if (this.source) {
        const now = this.context.currentTime;
        this.gain.gain.setTargetAtTime(0, now, FADE / 3);
        this.source.stop(now + FADE);
      }
      this.source = null;
      this.window = this.asked = -1;
      playing.hidden = true;
      redraw();
    },

    follow() {
      if (!this.source) return;
      const clip = clipOf.get(this.window);
      const share = (this.context.currentTime - this.began) / data.heardSeconds[clip];
      drawRoll(playing.querySelector(".roll"), heardRolls, data.heardColumns, clip * data.window,
        colour(songOf[this.window]), this.window, Math.min(share, 1));
      requestAnimationFrame(() => this.follow());
    },
  };

  // --- moving the map

  function zoomAt(x, y, factor) {
    const before = scale();
    view.zoom = Math.min(400, Math.max(0.5, view.zoom * factor));
    const gone = 1 / before - 1 / scale();
    view.x += (x - width / 2) * gone;
    view.y -= (y - height / 2) * gone;
    redraw();
  }

  function moveBy(dx, dy) {
    view.x -= dx / scale();
    view.y += dy / scale();
    redraw();
  }

  function showAll() {
    Object.assign(view, { zoom: 1, x: 0.5, y: 0.5 });
    redraw();
  }

  const pointers = new Map();
  let moved = 0;
  const placeOf = (event) => ({ x: event.offsetX, y: event.offsetY });

  map.addEventListener("pointerdown", (event) => {
    if (pointers.size === 0) moved = 0;
    pointers.set(event.pointerId, placeOf(event));
    map.setPointerCapture(event.pointerId);
    if (pointers.size > 1) moved = Infinity;
  });

  map.addEventListener("pointermove", (event) => {
    const now = placeOf(event), before = pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") {
        const i = nearest(now.x, now.y, NEAR);
        showCard(i, now);
        map.style.cursor = i < 0 ? "" : "pointer";
      }
      return;
    }
    const others = [...pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    if (others.length) {
      const [fixed] = others, span = (a) => Math.hypot(a.x - fixed.x, a.y - fixed.y) || 1;
      zoomAt((now.x + fixed.x) / 2, (now.y + fixed.y) / 2, span(now) / span(before));
      moveBy((now.x - before.x) / 2, (now.y - before.y) / 2);
    } else {
      moved += Math.hypot(now.x - before.x, now.y - before.y);
      if (moved > 5) {
        showCard(-1);
        moveBy(now.x - before.x, now.y - before.y);
      }
    }
    if (others.length || moved > 5) pointers.set(event.pointerId, now);
  });

  map.addEventListener("pointerup", (event) => {
    const { x, y } = placeOf(event);
    if (pointers.delete(event.pointerId) && moved <= 5 && event.button === 0) {
      const i = nearest(x, y, NEAR);
      if (i >= 0) { chosen = i; player.play(i); } else player.stop();
    }
  });
  map.addEventListener("pointercancel", (event) => pointers.delete(event.pointerId));
  map.addEventListener("pointerleave", () => showCard(-1));
  map.addEventListener("dblclick", (event) => nearest(event.offsetX, event.offsetY, NEAR) < 0 && showAll());
  map.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomAt(event.offsetX, event.offsetY, Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)));
  }, { passive: false });

  // --- keys

  function neighbour(dx, dy) {
    const x = screenX(chosen), y = screenY(chosen);
    let best = -1, least = Infinity;
    for (let i = 0; i < count; i++) {
      if (i === chosen || !lit(i)) continue;
      const along = (screenX(i) - x) * dx + (screenY(i) - y) * dy, aside = (screenX(i) - x) * dy - (screenY(i) - y) * dx;
      if (along <= 1e-6 || Math.abs(aside) > along) continue; // within 45° of that way
      const cost = along + 2 * Math.abs(aside);
      if (cost < least) { least = cost; best = i; }
    }
    return best;
  }

  function choose(i) {
    if (i < 0) return;
    chosen = i;
    const x = screenX(i), y = screenY(i);
    if (x < 20 || y < 20 || x > width - 20 || y > height - 20) moveBy(width / 2 - x, height / 2 - y);
    showCard(i);
    byId("said").textContent = titleOf(i);
  }

  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  map.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (ways[event.key]) {
      choose(chosen < 0 || !lit(chosen) ? nearest(width / 2, height / 2, Infinity) : neighbour(...ways[event.key]));
    } else if (event.key === "Enter" || event.key === " ") {
      if (chosen < 0) choose(nearest(width / 2, height / 2, Infinity));
      if (chosen >= 0) player.play(chosen);
    } else if (event.key === "Escape") {
      player.stop();
      showCard(-1);
    } else if (event.key === "+" || event.key === "=") {
      zoomAt(width / 2, height / 2, 1.4);
    } else if (event.key === "-") {
      zoomAt(width / 2, height / 2, 1 / 1.4);
    } else if (event.key === "0" || event.key === "Home") {
      showAll();
    } else {
      return;
    }
    event.preventDefault();
  });
  byId("stop").addEventListener("click", () => player.stop());

  // --- the legend

  function swatchOf(fill) {
    const swatch = document.createElement("i");
    swatch.className = "swatch";
    swatch.style.background = fill;
    return swatch;
  }

  function fillLegend() {
    const list = document.querySelector("#legend ul");
    list.replaceChildren();
    byId("legend").classList.toggle("alone", !allLit());
    data.songs.slice(0, MOST_IN_LEGEND).forEach((song, number) => {
      const button = document.createElement("button");
      const name = document.createElement("bdi"), windows = document.createElement("small");
      button.type = "button";
      button.title = "Show this song alone, or all again";
      button.setAttribute("aria-pressed", String(inColour[number] && !allLit()));
      name.textContent = song.name;
      windows.textContent = song.count;
      button.append(swatchOf(colouring ? style("--quiet") : colour(number)), name, windows);
      button.addEventListener("click", () => showAlone(number));
      const row = document.createElement("li");
      row.append(button);
      list.append(row);
    });
    if (data.songs.length > MOST_IN_LEGEND) {
      const more = document.createElement("li");
      more.className = "more";
      more.textContent = `and ${data.songs.length - MOST_IN_LEGEND} more`;
      list.append(more);
    }
  }

  // --- what the colours mean

  function fillColours() {
    const part = byId("colours"), choice = part.querySelector("select");
    part.hidden = data.colourings.length === 0;
    choice.replaceChildren(...["Song", ...data.colourings.map(({ name }) => name)].map((name, i) => new Option(name, i - 1)));
    choice.value = String(data.colourings.indexOf(colouring));
    const [ramp, ends, words, missing] = [".ramp", ".ends", "ul", ".missing"].map((each) => part.querySelector(each));
    ramp.hidden = ends.hidden = !colouring?.ends.length;
    words.hidden = !colouring?.words.length;
    missing.hidden = !colouring?.missing;
    if (!colouring) return;
    const pen = ramp.getContext("2d"), levels = colouring.dark.length - 1;
    for (let level = 0; level < levels; level++) {
      pen.fillStyle = kindColour(level);
      pen.fillRect(level * ramp.width / levels, 0, ramp.width / levels + 1, ramp.height);
    }
    const [low, high] = colouring.ends;
    [low, colouring.unit, high].forEach((words, i) => { ends.children[i].textContent = words; });
    ramp.setAttribute("aria-label", `From ${low} to ${high} ${colouring.unit}`);
    words.replaceChildren(...colouring.words.map((word, kind) => {
      const row = document.createElement("li"), name = document.createElement("bdi"), windows = document.createElement("small");
      name.textContent = word;
      windows.textContent = colouring.counts[kind];
      row.append(swatchOf(kindColour(kind)), name, windows);
      return row;
    }));
    missing.textContent = `Grey: ${colouring.missing} without a value`;
  }

  function recolour() {
    sprites = [];
    fillLegend();
    fillColours();
    showCard(-1);
  }

  document.querySelector("#colours select").addEventListener("change", (event) => {
    colouring = data.colourings[Number(event.target.value)];
    recolour();
  });

  function showAlone(song) {
    const alone = data.songs.map((_, number) => number === song);
    inColour = alone.every((lit, number) => lit === inColour[number]) ? alone.map(() => true) : alone;
    fillLegend();
    showCard(-1);
  }

  // --- the size and the colours of the page

  function resize() {
    dpr = Math.min(devicePixelRatio || 1, 3);
    width = map.clientWidth;
    height = map.clientHeight;
    side = Math.max(1, Math.min(width, height) * 0.86);
    map.width = Math.round(width * dpr);
    map.height = Math.round(height * dpr);
    spriteSize = 0;
    draw();
  }

  light.addEventListener("change", recolour);
  byId("count").textContent =
    `${count} ${count === 1 ? "window" : "windows"} of ${data.songs.length} ${data.songs.length === 1 ? "song" : "songs"}`
    + ` · ${clipped.length} to hear`;
  if (matchMedia("(max-width: 640px)").matches) byId("legend").open = false;
  fillLegend();
  fillColours();
  new ResizeObserver(resize).observe(map);
  resize();
  map.dataset.ready = "true";
}

start();
