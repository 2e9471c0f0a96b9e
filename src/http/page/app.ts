/**
 * The page: which of its three parts is shown, and whether changes arrive.
 *
 * @module
 */

import { listenForSilence } from "./api.ts";
import { ClusterView } from "./cluster_view.ts";
import { LessonView } from "./lesson_view.ts";
import { html, render, useEffect, useState, type VNode } from "./lib.ts";
import { Live } from "./live.ts";
import { useMessages } from "./say.ts";
import { SitesView } from "./sites_view.ts";
import { keepToken } from "./token.ts";

const live = new Live();

const parts = [["sites", "Sites"], ["cluster", "Cluster"], ["lesson", "How it works"]] as const;

/** Which part the address names, and perhaps which site. */
function place() {
  const [id, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  const [part, title] = parts.find((part) => part[0] === id) ?? parts[0];
  const name = decoded(rest.join("/"));
  return { part, title, name: name === "" ? undefined : name };
}

/** A name in an address; text that is not well-formed stays as it is. */
function decoded(text: string): string {
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

function LiveState({ isSilent }: { isSilent: boolean }): VNode {
  const [stream, setStream] = useState<keyof typeof stateTexts>("connecting");
  useEffect(() => live.listen((event) => event.kind === "state" && setStream(event.state)), []);
  const state = stream === "live" && isSilent ? "silent" : stream;
  return html`<span class="live note" data-state=${state} role="status">${stateTexts[state]}</span>`;
}

function Page(): VNode {
  const { part, title, name } = usePlace();
  const [isSilent, setSilent] = useState(false);
  const [messages, say] = useMessages();
  useEffect(() => listenForSilence(setSilent), []);
  useEffect(() => {
    document.title = `${name ?? title} · Vaxlog`;
  }, [part, name]);
  return html`
    <button type="button" class="skip" onClick=${() =>
      document.getElementById("main")!.focus()}>Skip to the content</button>
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
      <p class="silence">The cluster is not answering. What you see may be out of date; the page updates when the
        cluster answers again.</p>
    `}
    <main id="main" class=${`part part-${part}`} tabindex="-1">
      ${part === "sites" && html`<${SitesView} live=${live} name=${name} say=${say} />`}
      ${part === "cluster" && html`<${ClusterView} say=${say} />`}
      ${part === "lesson" && html`<${LessonView} say=${say} />`}
    </main>
    ${messages}
  `;
}

keepToken();
render(html`<${Page} />`, document.getElementById("app")!);
