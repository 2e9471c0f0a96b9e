/**
 * The page: which of its three parts is shown, and whether changes arrive.
 *
 * @module
 */

import { AccessNotes, useAccess } from "./access.ts";
import { isSilent } from "./api.ts";
import { ClusterView } from "./cluster_view.ts";
import { partsOf } from "./filters.ts";
import { LessonView } from "./lesson_view.ts";
import { html, render, useLayoutEffect, useState, type VNode } from "./lib.ts";
import { type StreamState, useLive } from "./live.ts";
import { Messages } from "./say.ts";
import { SitesView } from "./sites_view.ts";
import { keepToken } from "./token.ts";

const parts = [["sites", "Sites"], ["cluster", "Cluster"], ["lesson", "How it works"]] as const;

/** Which part the address names, and perhaps which site, or the latest changes of all. */
function place() {
  const [id, ...rest] = partsOf(location.hash).path.replace(/^\//, "").split("/");
  const [part, title] = parts.find((part) => part[0] === id) ?? parts[0];
  const name = decoded(rest.join("/"));
  return { part, title, name: name === "" ? undefined : name, isLatest: id === "latest" };
}

/** A name in an address; text that is not well-formed stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const stateTexts = { connecting: "Connecting", live: "Live", lost: "Reconnecting", silent: "No answer" };

function Page(): VNode {
  const [{ part, title, name, isLatest }, setPlace] = useState(place);
  const [hasSilence, setSilence] = useState(isSilent);
  const access = useAccess();
  const [stream, setStream] = useState<StreamState>("connecting");
  const state = stream === "live" && hasSilence ? "silent" : stream;
  const look = state === "lost" || state === "silent" ? "live note line warn" : "live note line";
  useLayoutEffect(() => {
    addEventListener("hashchange", () => {
      keepToken();
      setPlace(place());
    });
    addEventListener("silence", () => setSilence(isSilent));
  }, []);
  useLive({ state: setStream });
  useLayoutEffect(() => {
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
          html`<a class="line" href=${`#/${id}`} aria-current=${id === part ? "page" : undefined}>${title}</a>`
        )}
      </nav>
      <span class=${look} data-state=${state} role="status">${stateTexts[state]}</span>
    </header>
    ${hasSilence && html`
      <p class="silence warn small">The cluster is not answering. What you see may be out of date; the page updates when
        the cluster answers again.</p>
    `}
    ${access && html`<${AccessNotes} access=${access} />`}
    <main id="main" tabindex="-1">
      ${access?.role !== undefined && html`<${Part} part=${part} name=${name} isLatest=${isLatest} />`}
    </main>
    <${Messages} />
  `;
}

interface PartProps {
  readonly part: string;
  readonly name: string | undefined;
  readonly isLatest: boolean;
}

function Part({ part, name, isLatest }: PartProps): VNode {
  return html`
    ${part === "sites" && html`<${SitesView} name=${name} isLatest=${isLatest} />`}
    ${part === "cluster" && html`<${ClusterView} />`}
    ${part === "lesson" && html`<${LessonView} />`}
  `;
}

keepToken();
render(html`<${Page} />`, document.getElementById("app")!);
