"use strict";
// Clusters come as ready HTML, escaped by the template that also wrote the first page, in compressed
// chunks; the index beside them is what search, filter and order look at. Only the page that is
// shown is in the DOM, and the content policy lets no script run but this one.
(() => {
  const byId = (id) => document.getElementById(id);
  const list = byId("list");
  if (!list || !("DecompressionStream" in window)) return; // the first page stays as it is
  const PAGE = 25;
  const CHUNK = Number(byId("cards").dataset.chunk);
  const [WORDS, TIME, UNCREDITED, STANDING, ANCHOR] = [0, 1, 2, 3, 4];
  const clusters = JSON.parse(byId("index").textContent);
  const packed = JSON.parse(byId("cards").textContent);
  const cards = [];
  const inflate = async (text) => {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  };
  const card = async (index) => {
    const chunk = Math.floor(index / CHUNK);
    cards[chunk] ??= inflate(packed[chunk]);
    return (await cards[chunk])[index % CHUNK];
  };
  const query = byId("query"), filter = byId("filter"), sort = byId("sort");
  const found = byId("found"), pageLabel = byId("page");
  const LETTERS = { "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ٱ": "ا", "ہ": "ه" };
  // As the fingerprint folds: marks, tatweel and hamza forms make no difference.
  const fold = (text) => text.normalize("NFKD").toLowerCase()
    .replace(/[\p{M}\u0640\u200b-\u200f\u061c]/gu, "")
    .replace(/[ىیةکٱہ]/g, (letter) => LETTERS[letter])
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => digit.charCodeAt(0) & 15);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const figure = (number) => number.toLocaleString("en");
  let folded = null, shown = clusters.map((_, index) => index), page = 0, renders = 0;

  const FILTERS = {
    all: () => true,
    uncredited: (cluster) => cluster[UNCREDITED] > 0,
  };
  for (const standing of ["inside", "outside", "earliest", "unknown"]) {
    FILTERS[standing] = (cluster) => cluster[STANDING] === standing;
  }
  // Ties keep the order of the report; clusters without a time come last.
  const by = (value) => (a, b) => value(clusters[b]) - value(clusters[a]) || a - b;
  const ORDERS = {
    size: (a, b) => a - b,
    new: by((cluster) => cluster[TIME] ?? -Infinity),
    old: by((cluster) => -(cluster[TIME] ?? Infinity)),
    uncredited: by((cluster) => cluster[UNCREDITED]),
  };
  const safely = (order) => (a, b) => order(a, b) || a - b; // Infinity - Infinity is NaN

  const select = () => {
    const words = fold(query.value).split(/\s+/).filter(Boolean);
    if (words.length && !folded) folded = clusters.map((cluster) => fold(cluster[WORDS]));
    const fits = FILTERS[filter.value];
    shown = [];
    clusters.forEach((cluster, index) => {
      if (fits(cluster) && words.every((word) => folded[index].includes(word))) shown.push(index);
    });
    shown.sort(safely(ORDERS[sort.value]));
    page = 0;
    render();
  };

  const render = async () => {
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    page = Math.min(Math.max(page, 0), pages - 1);
    const mine = ++renders;
    const html = await Promise.all(shown.slice(page * PAGE, (page + 1) * PAGE).map(card));
    if (mine !== renders) return; // something else was asked for meanwhile
    list.innerHTML = html.join("");
    found.textContent = shown.length
      ? fill(found.dataset.text, { found: figure(shown.length), total: figure(clusters.length) })
      : found.dataset.none;
    pageLabel.textContent = fill(pageLabel.dataset.text, { page: page + 1, pages: figure(pages) });
    byId("previous").disabled = page === 0;
    byId("next").disabled = page === pages - 1;
    document.querySelector(".pager").hidden = pages === 1;
  };

  const turn = async (step) => {
    page += step;
    await render();
    byId("all").scrollIntoView();
  };

  const follow = async () => {
    const anchor = location.hash.slice(1);
    const index = anchor ? clusters.findIndex((cluster) => cluster[ANCHOR] === anchor) : -1;
    if (index < 0) return;
    if (!shown.includes(index)) {
      query.value = "";
      filter.value = "all";
      select();
    }
    page = Math.floor(shown.indexOf(index) / PAGE);
    await render();
    const target = byId(anchor);
    if (!target) return;
    target.open = true;
    target.scrollIntoView();
  };

  let waiting = 0;
  query.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(select, 120);
  });
  filter.addEventListener("change", select);
  sort.addEventListener("change", select);
  byId("previous").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
  addEventListener("hashchange", follow);
  document.querySelector(".controls").hidden = false;
  select();
  follow();
})();
