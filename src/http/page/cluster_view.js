/**
 * The cluster as it is: each replica, what may still fail, and what happens. Where the launcher has given this tab a
 * token, replicas can be killed and restarted from here.
 *
 * @module
 */

import { bytesText, clockText, spanText } from "./ages.js";
import { get, post } from "./api.js";
import {
  answers,
  changesBetween,
  isSilent,
  mayFailText,
  nameOf,
  rateBetween,
  stateText,
  viewOf,
} from "./cluster_changes.js";
import { html, useEffect, useRef, useState } from "./lib.js";
import { OwnSession, ReplicaWaits } from "./replica_waits.js";
import { dropToken, token } from "./token.js";

/** Milliseconds between two looks at the cluster. */
const lookEveryMs = 1_000;

/** Happenings that are shown. */
const happeningsMax = 50;

const wrongToken = "Not done: these servers have another token than this tab. Open the link that they have printed.";

/** Looks at the cluster once a second, while the page is seen and not held. */
function useStatus(isHeld) {
  const [look, setLook] = useState({ status: undefined, trouble: undefined, rate: undefined, happenings: [] });
  const last = useRef(undefined);
  const probe = useRef({ isUnderWay: false, latest: undefined });
  useEffect(() => {
    if (isHeld) return;
    let timer;
    let isOver = false;
    const again = async () => {
      clearTimeout(timer);
      if (isOver || document.visibilityState === "hidden") return;
      try {
        // The replicas alone: a probe waits for one that hangs, and nobody would see for seconds that it does.
        const { body } = await get("/api/status", { query: { probe: "false" } });
        if (isOver) return;
        show({ ...body, probe: probe.current.latest });
        sendProbe();
      } catch (error) {
        if (!isOver) setLook((look) => ({ ...look, trouble: error.message }));
      }
      clearTimeout(timer);
      timer = setTimeout(again, lookEveryMs);
    };
    const show = (status) => {
      const now = { status, atMs: performance.now() };
      const changes = changesBetween(last.current?.status, status);
      const rate = rateBetween(last.current, now);
      last.current = now;
      const time = clockText(Date.now());
      setLook(({ happenings }) => ({
        status,
        time,
        rate,
        trouble: undefined,
        happenings: [...changes.reverse().map((text) => ({ time, text })), ...happenings].slice(0, happeningsMax),
      }));
    };
    const sendProbe = async () => {
      if (probe.current.isUnderWay) return;
      probe.current.isUnderWay = true;
      const found = await get("/api/status", { query: { replicas: "false" } }).catch(() => undefined);
      probe.current = { isUnderWay: false, latest: found?.body.probe };
      if (isOver || last.current === undefined || found === undefined) return;
      const status = { ...last.current.status, probe: found.body.probe, session: found.body.session };
      const changes = changesBetween(last.current.status, status);
      last.current = { ...last.current, status };
      const time = clockText(Date.now());
      setLook((look) => ({
        ...look,
        status,
        happenings: [...changes.map((text) => ({ time, text })), ...look.happenings].slice(0, happeningsMax),
      }));
    };
    again();
    document.addEventListener("visibilitychange", again);
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [isHeld]);
  return look;
}

/** The part "Cluster". */
export function ClusterView({ say }) {
  const [isHeld, setHeld] = useState(false);
  const { status, time, trouble, rate, happenings } = useStatus(isHeld);
  const order = async (path) => {
    try {
      const { body } = await post(path, {}, { token: token() });
      say(body.text);
    } catch (error) {
      if (error.needsToken) dropToken();
      say(error.needsToken ? wrongToken : error.message, "bad");
    }
  };
  if (status === undefined) {
    return html`<section class="cluster">${
      trouble === undefined
        ? html`<p class="none">Asking the replicas</p>`
        : html`<p class="trouble" role="alert">${trouble}</p>`
    }</section>`;
  }
  const { probe, replicas, mayFail, cluster, session } = status;
  const hasToken = token() !== undefined && status.canControl !== false;
  const silent = replicas.filter(isSilent).length;
  const holders = replicas.filter((replica) => answers(replica) && replica.state !== "joining");
  const furthest = Math.max(1, ...replicas.map(({ executed = 0 }) => executed));
  const shown = [...replicas].sort((a, b) => (a.id ?? Infinity) - (b.id ?? Infinity));
  return html`
    <section class="cluster" aria-label="Cluster">
      ${trouble !== undefined && html`<p class="trouble" role="alert">${trouble}</p>`}
      <div class="vitals">
        <p class="vital" data-tone=${mayFail === 0 || silent > 0
          ? "warn"
          : "good"}><strong>${mayFail}</strong><span>${mayFailText(silent)}</span></p>
        <p class="vital"><strong>${viewOf(status) ?? "–"}</strong><span>view</span></p>
        <p class="vital" data-tone=${probe === undefined ? undefined : probe.ok ? "good" : "warn"}><strong>${probe?.ok
          ? `${probe.ms.toFixed(1)}`
          : "–"}</strong><span>${probe?.ok === false ? "no answer" : "ms for a request"}</span></p>
        <p class="vital"><strong>${rate === undefined
          ? "–"
          : Math.round(rate).toLocaleString("en")}</strong><span>commands per s</span></p>
      </div>
      ${status.log !== undefined &&
        html`
          <p class=${status.log.isWarning ? "trouble" : "look"} role=${status.log.isWarning ? "alert" : undefined}>
            <span>${status.log.text}</span>
          </p>
        `}
      <p class="look" data-held=${isHeld}>
        <span>${isHeld ? "Held" : "Seen"} at <time>${time}</time>${isHeld &&
          `; nothing since is shown${hasToken ? ": go on to kill or start replicas" : ""}`}</span>
        <button type="button" class="quiet" aria-pressed=${isHeld} onClick=${() => setHeld(!isHeld)}>${isHeld
          ? "Go on"
          : "Hold"}</button>
      </p>
      <div class="replicas">
        ${shown.map((replica) =>
          html`
            <${Replica} key=${replica.id ??
              replica.address} replica=${replica} furthest=${furthest} hasToken=${hasToken}
              isLast=${holders.length === 1 && holders[0] === replica} own=${session?.client}
              isHeld=${isHeld} order=${order} />
          `
        )}
        ${hasToken &&
          html`<button type="button" class="quiet another" disabled=${isHeld} onClick=${() =>
            order("/api/replicas")}>Add a replica</button>`}
      </div>
      ${session !== undefined && html`<${OwnSession} session=${session} />`}
      ${!hasToken &&
        html`<p class="hint">${
          status.canControl
            ? html`This page only shows the cluster. With the link that <code>deno task servers 3 --http 8080</code> has printed,
        which ends in <code>#token=…</code>, it has buttons for each replica.`
            : html`This page only shows the cluster: its gateway was not started by <code>deno task servers</code>.`
        }</p>`}
      <h2>What happens</h2>
      <ol class="happenings" aria-live="polite">
        ${happenings.length === 0 &&
          html`<li class="none">${
            isHeld
              ? "Nothing until then."
              : hasToken
              ? "Nothing since you look. Kill a replica, and watch the view change."
              : "Nothing since you look. Each change of a replica, and of the view, appears here."
          }</li>`}
        ${happenings.map(({ time, text }, at) =>
          html`<li key=${happenings.length - at}><time>${time}</time>${text}</li>`
        )}
      </ol>
      <p class="hint">Cluster <code>${cluster.slice(0, 8)}</code></p>
    </section>
  `;
}

function Replica({ replica, furthest, hasToken, isLast, isHeld, own, order }) {
  const {
    id,
    address,
    state,
    view,
    executed,
    lag,
    digest,
    clock,
    pending,
    sessions,
    durable,
    memoryBytes,
    uptimeMs,
    reason,
  } = replica;
  const isThere = answers(replica);
  const hasFailed = state === "failed";
  const verb = hasFailed ? "Restart" : "Kill";
  // The actions have a key: the button may have the focus, and stays while all above it changes. What waits is below it,
  // and so is what grows and shrinks: nobody is to hit another button than the one that was meant.
  return html`
    <article class="replica" data-state=${stateText(replica)} aria-label=${nameOf(replica)}>
      <header>
        <h3>${id === undefined ? "Replica" : `Replica ${id}`}</h3>
        <span class="state">${stateText(replica)}</span>
        <code>${address}</code>
      </header>
      ${isThere
        ? html`
          <div class="progress" title=${`${executed} executed, ${lag} behind`}>
            <div class="done" style=${{ width: `${100 * executed / furthest}%` }}></div>
          </div>
          <dl class="figures">
            <div class="long">
              <dt>executed</dt>
              <dd>${executed.toLocaleString("en")}</dd>
            </div>
            <div>
              <dt>behind</dt>
              <dd>${lag.toLocaleString("en")}</dd>
            </div>
            <div>
              <dt>pending</dt>
              <dd>${pending.toLocaleString("en")}</dd>
            </div>
            <div class="long">
              <dt>clock</dt>
              <dd>${clock.toLocaleString("en")}</dd>
            </div>
            <div>
              <dt>view</dt>
              <dd>${view}</dd>
            </div>
            <div>
              <dt>sessions</dt>
              <dd>${sessions.toLocaleString("en")}</dd>
            </div>
            <div class="long">
              <dt>digest</dt>
              <dd><code>${digest}</code></dd>
            </div>
            <div>
              <dt>memory</dt>
              <dd>${memoryBytes === undefined ? "–" : bytesText(memoryBytes)}</dd>
            </div>
            <div>
              <dt>up for</dt>
              <dd>${uptimeMs === undefined ? "–" : spanText(uptimeMs)}</dd>
            </div>
            <div class="long">
              <dt>data</dt>
              <dd>${durable ? "on disk" : "in memory"}</dd>
            </div>
          </dl>
        `
        : !hasFailed && html`<p class="reason">${reason}</p>`}
      ${hasToken && id !== undefined && html`
        <p key="actions" class="actions">
          <button type="button" class=${hasFailed ? undefined : "danger"} aria-label=${`${verb} replica ${id}`}
            disabled=${isLast || isHeld} title=${isLast ? "It is the last one that has the data" : undefined}
            onClick=${() => order(`/api/replicas/${id}/${verb.toLowerCase()}`)}>${verb}</button>
        </p>
      `}
      ${isThere && html`<${ReplicaWaits} name=${nameOf(replica)} replica=${replica} own=${own} />`}
    </article>
  `;
}
