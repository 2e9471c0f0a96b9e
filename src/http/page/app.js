/**
 * The page: which of its three parts is shown, whether changes arrive, and what went wrong.
 *
 * @module
 */

import { listenForSilence } from "./api.js";
import { ClusterView } from "./cluster_view.js";
import { LessonView } from "./lesson_view.js";
import { html, render, useCallback, useEffect, useState } from "./lib.js";
import { Live } from "./live.js";
import { SitesView } from "./sites_view.js";
import { keepToken } from "./token.js";
import { Toasts } from "./toasts.js";

const live = new Live();

const parts = [["sites", "Sites"], ["cluster", "Cluster"], ["lesson", "How it works"]];

/** What the address says: a part, and within the sites perhaps one. */
function place() {
  const [part, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  const name = decoded(rest.join("/"));
  const known = parts.some(([id]) => id === part) ? part : "sites";
  return { part: known, name: name === "" ? undefined : name };
}

/** A name out of an address; one that is none is left as it is. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function usePlace() {
  const [at, setAt] = useState(place);
  useEffect(() => {
    const move = () => {
      keepToken();
      setAt(place());
    };
    addEventListener("hashchange", move);
    return () => removeEventListener("hashchange", move);
  }, []);
  return at;
}

const stateTexts = { connecting: "Connecting", live: "Live", lost: "Reconnecting", silent: "No answer" };

function useSilence() {
  const [isSilent, setSilent] = useState(false);
  useEffect(() => listenForSilence(setSilent), []);
  return isSilent;
}

function LiveState({ isSilent }) {
  const [stream, setStream] = useState("connecting");
  useEffect(() => live.listen((event) => event.kind === "state" && setStream(event.state)), []);
  const state = stream === "live" && isSilent ? "silent" : stream;
  return html`<span class="live" data-state=${state} role="status">${stateTexts[state]}</span>`;
}

function Page() {
  const { part, name } = usePlace();
  const isSilent = useSilence();
  const [toasts, setToasts] = useState([]);
  const say = useCallback((text, tone = "plain") => {
    const id = Math.random();
    setToasts((all) => [...all.slice(-2), { id, text, tone }]);
    setTimeout(() => setToasts((all) => all.filter((toast) => toast.id !== id)), 8_000);
  }, []);
  useEffect(() => {
    const title = parts.find(([id]) => id === part)[1];
    document.title = `${name ?? title} · Vaxlog`;
  }, [part, name]);
  return html`
    <button type="button" class="skip" onClick=${() =>
      document.getElementById("main").focus()}>Skip to the content</button>
    <header class="bar">
      <a class="brand"
        href="#/sites"><img src="page/icon.svg" alt="" width="22" height="22" />Vaxlog</a>
      <nav aria-label="Parts of the page">
        ${parts.map(([id, title]) =>
          html`<a href=${`#/${id}`} aria-current=${id === part ? "page" : undefined}>${title}</a>`
        )}
      </nav>
      <${LiveState} isSilent=${isSilent} />
    </header>
    ${isSilent && html`
      <p class="silence">The cluster does not answer now. What is shown may be out of date; the page goes on by itself.</p>
    `}
    <main id="main" class=${`part part-${part}`} tabindex="-1">
      ${part === "sites" && html`<${SitesView} live=${live} name=${name} say=${say} />`}
      ${part === "cluster" && html`<${ClusterView} say=${say} />`}
      ${part === "lesson" && html`<${LessonView} say=${say} />`}
    </main>
    <${Toasts} toasts=${toasts} />
  `;
}

keepToken();
render(html`<${Page} />`, document.getElementById("app"));
