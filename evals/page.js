const cases = [...document.querySelectorAll(".case")];
const form = document.querySelector(".filters");
function show() {
  const { standing, tag, words } = form.elements;
  const wanted = words.value.trim().toLowerCase();
  let shown = 0;
  for (const item of cases) {
    const fits = (!standing.value || item.dataset.standing === standing.value)
      && (!tag.value || item.dataset.tags.split(" ").includes(tag.value))
      && (!wanted || item.textContent.toLowerCase().includes(wanted));
    item.hidden = !fits;
    shown += fits;
  }
  document.querySelector("#shown").textContent = `${shown} of ${cases.length} cases`;
}
form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
show();
