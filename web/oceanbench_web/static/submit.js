"use strict";
// Sends a file in pieces through the API: digest first, then from where the service has it, then the entry.

const PIECE = 8 * 1024 * 1024;
const TRIES = 8;

// SHA-256 (FIPS 180-4) of a stream: the browser's own takes a whole file at once, and none without https.
const PRIMES = (() => {
  const found = [];
  for (let n = 2; found.length < 64; n++) if (found.every((p) => n % p)) found.push(n);
  return found;
})();

// First 32 bits of the fraction of the root of a prime: exact, by integers.
function fraction(prime, power) {
  const shifted = BigInt(prime) << BigInt(32 * power);
  let low = 0n;
  let high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** BigInt(power) <= shifted) low = middle;
    else high = middle;
  }
  return Number(low & 0xffffffffn) | 0;
}

const ROUND = Int32Array.from(PRIMES, (prime) => fraction(prime, 3));

class Sha256 {
  constructor() {
    this.state = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(prime, 2));
    this.words = new Int32Array(64);
    this.rest = new Uint8Array(64);
    this.filled = 0;
    this.length = 0;
  }

  update(bytes) {
    this.length += bytes.length;
    let at = 0;
    if (this.filled) {
      at = Math.min(64 - this.filled, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.filled);
      this.filled += at;
      if (this.filled < 64) return;
      this.block(this.rest, 0);
    }
    for (; at + 64 <= bytes.length; at += 64) this.block(bytes, at);
    this.filled = bytes.length - at;
    this.rest.set(bytes.subarray(at));
  }

  block(bytes, at) {
    const w = this.words;
    const s = this.state;
    for (let i = 0; i < 16; i++, at += 4) {
      w[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    }
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15];
      const y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    s[0] += a; s[1] += b; s[2] += c; s[3] += d; s[4] += e; s[5] += f; s[6] += g; s[7] += h;
  }

  digest() {
    const bits = BigInt(this.length) * 8n;
    const padding = new Uint8Array(((this.filled < 56 ? 56 : 120) - this.filled) + 8);
    padding[0] = 0x80;
    for (let i = 0; i < 8; i++) padding[padding.length - 1 - i] = Number((bits >> BigInt(8 * i)) & 255n);
    this.update(padding);
    return Array.from(this.state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }
}

async function digestOf(file, tell) {
  const sha = new Sha256();
  for (let at = 0; at < file.size; at += PIECE) {
    sha.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
    tell(Math.min(1, (at + PIECE) / file.size));
  }
  return sha.digest();
}

class Refusal extends Error {
  constructor(status, error) {
    super(error.message || `the service answered ${status}`);
    this.status = status;
    this.wait = error.retry_after;
  }
}

async function ask(csrf, method, path, options = {}) {
  const headers = { "X-CSRF-Token": csrf, Accept: "application/json", ...options.headers };
  const answer = await fetch(`/api/v1${path}`, { method, body: options.body, headers, credentials: "same-origin" });
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, content.error || {});
  return content;
}

const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

// What may pass: no answer, a service that restarts, another sender of the same bytes, a short rush.
function passing(trouble) {
  if (!(trouble instanceof Refusal)) return true;
  return [409, 502, 503, 504].includes(trouble.status) || (trouble.status === 429 && (trouble.wait || 0) <= 60);
}

async function patiently(work, tell) {
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (trouble) {
      if (!passing(trouble) || tried >= TRIES) throw trouble;
      tell(`${trouble.message}; trying again`);
      await pause(Math.max(trouble.wait || 0, Math.min(20, 0.5 * 2 ** tried)));
    }
  }
}

async function send(file, sha256, csrf, tell, progress) {
  const state = () => ask(csrf, "GET", `/uploads/${sha256}`);
  let at = await patiently(state, tell);
  while (!at.complete) {
    const start = at.offset;
    const end = Math.min(file.size, start + PIECE);
    progress(start / file.size);
    at = await patiently(async () => {
      const now = await state();
      if (now.complete || now.offset !== start) return now;
      return ask(csrf, "PUT", `/uploads/${sha256}`, {
        body: file.slice(start, end),
        headers: { "Content-Range": `bytes ${start}-${end - 1}/${file.size}`, "Content-Type": "application/octet-stream" },
      });
    }, tell);
  }
  progress(1);
}

function entryOf(form, file, sha256) {
  const given = new FormData(form);
  const place = String(given.get("place"));
  const cut = place.indexOf("|");
  const card = { method: given.get("method"), inputs: given.getAll("inputs") };
  for (const name of ["authors", "summary", "training", "paper", "code", "licence", "contact"]) {
    card[name] = given.get(name);
  }
  card.report = given.has("private_report") ? "private" : "public";
  const names = { challenge: place.slice(0, cut), track: place.slice(cut + 1) };
  return { ...names, sha256, file_name: file.name.slice(-255), card };
}

async function submit(form) {
  const said = form.querySelector("#said");
  const bar = form.querySelector("progress");
  const button = form.querySelector("button");
  const csrf = form.dataset.csrf;
  const tell = (words, bad = false) => { said.textContent = words; said.className = bad ? "bad" : ""; };
  const progress = (done) => { bar.value = done; };
  const file = form.elements.file.files[0];
  button.disabled = true;
  bar.hidden = false;
  try {
    if (!file.size) throw new Error("the file is empty");
    if (file.size > Number(form.dataset.largest)) throw new Error("the file is larger than the service takes");
    tell("computing the digest of the file");
    const sha256 = await digestOf(file, progress);
    tell("sending the file");
    await send(file, sha256, csrf, tell, progress);
    tell("entering it");
    const body = JSON.stringify(entryOf(form, file, sha256));
    const post = () => ask(csrf, "POST", "/submissions", { body, headers: { "Content-Type": "application/json" } });
    const view = await patiently(post, tell);
    location.assign(`/submissions/${encodeURIComponent(view.id)}`);
  } catch (trouble) {
    tell(trouble.message, true);
    button.disabled = false;
  }
}

const form = document.getElementById("submit");
if (form) {
  form.querySelector("button").disabled = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form);
  });
}
