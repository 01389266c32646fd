// A passage that is followed to the other side lands at the height it was left at; both light up.
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
for (const link of document.querySelectorAll("a.passage-link")) {
  link.addEventListener("click", (event) => {
    const target = document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    const shift = target.getBoundingClientRect().top - link.getBoundingClientRect().top;
    scrollBy({ top: shift, behavior: still ? "auto" : "smooth" });
    for (const lit of document.querySelectorAll(".passage-link.lit")) lit.classList.remove("lit");
    link.classList.add("lit");
    target.classList.add("lit");
    target.focus({ preventScroll: true });
  });
}
