// Forms are sent without leaving the page, so that what came of them can be announced. Everything works without this script too.
"use strict";

const status = document.getElementById("status");
const here = () => location.pathname + location.search;
let shown = here();

async function show(address, options, focus) {
  const before = document.activeElement?.id;
  let answer, next;
  try {
    answer = await fetch(address, options);
    next = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    status.className = "wrap bad";
    status.textContent = "The demo does not answer; it may have been stopped.";
    return;
  }
  const told = next.getElementById("status");
  document.getElementById("page").replaceWith(next.getElementById("page"));
  document.title = next.title;
  status.className = told.className;
  if (status.textContent !== told.textContent) status.textContent = told.textContent;
  if (answer.url !== location.origin + here()) history.pushState(null, "", answer.url);
  shown = here();
  const wanted = document.getElementById(focus) ?? document.getElementById(before);
  wanted?.focus({ preventScroll: wanted.id !== focus });
  follow();
}

function follow() {
  if (document.getElementById("page").hasAttribute("data-poll")) setTimeout(show, 250, location.href);
}

document.addEventListener("submit", event => {
  const form = event.target;
  if (form.method !== "post") return;
  event.preventDefault();
  show(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }, form.dataset.focus);
});
// Going back to another page; a leap within this one is told of as well.
addEventListener("popstate", () => here() === shown || location.reload());
follow();
