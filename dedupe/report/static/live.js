// The newest changes as they happen. The list is there without this; a row is text only, put into
// the page's own <template>, never markup. One feed a visible page: each holds a thread.
const list = document.querySelector("[data-live]");
const row = document.querySelector("#live-row");
const state = document.querySelector("#live-state");
const KINDS = ["created", "joined", "merged", "split", "revised", "deleted", "judged"];
const MOST = Number(list.dataset.most);
let after = Number(list.dataset.after);
let source = null;
let retry = 0;

const told = (name) => (state.textContent = state.dataset[name]);

const show = (event) => {
  const change = JSON.parse(event.data);
  after = Math.max(after, change.sequence);
  const item = row.content.cloneNode(true);
  const find = (name) => item.querySelector(`[data-${name}]`);
  find("kind").textContent = list.dataset[change.kind];
  const time = find("time");
  time.dateTime = change.at;
  time.textContent = change.at.slice(11, 16);
  const link = find("link");
  // as `change_line` has it: what is read is the title, an id only where there is none
  link.querySelector("bdi").textContent =
    change.title || change.article || change.cluster_id || change.other || "";
  if (change.cluster_id) link.href = `/clusters/${encodeURIComponent(change.cluster_id)}`;
  else link.removeAttribute("href");
  list.prepend(item);
  while (list.children.length > MOST) list.lastElementChild.remove();
};

const close = () => {
  source?.close();
  source = null;
  clearTimeout(retry);
};

const open = () => {
  close();
  source = new EventSource(`/v1/changes?after=${after}&titles=true`);
  source.addEventListener("open", () => told("open"));
  source.addEventListener("error", () => {
    told("closed");
    if (source?.readyState !== EventSource.CLOSED) return; // it tries again by itself
    close();
    retry = setTimeout(open, 15000);
  });
  for (const kind of KINDS) source.addEventListener(kind, show);
};

document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
addEventListener("pagehide", close);
if (!document.hidden) open();
