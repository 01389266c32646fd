// A file dropped anywhere on the page is checked at once; without this script the form does it.
const form = document.getElementById("check");
const file = document.getElementById("file");
addEventListener("dragover", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  form.classList.add("dropping");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) form.classList.remove("dropping");
});
addEventListener("drop", (event) => {
  form.classList.remove("dropping");
  if (!event.dataTransfer?.files.length) return;
  event.preventDefault();
  file.files = event.dataTransfer.files;
  form.requestSubmit();
});
