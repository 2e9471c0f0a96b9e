/**
 * The part "Cluster": each replica, how many more may fail, and what happens. With the launcher's token, it also kills
 * and restarts replicas.
 *
 * @module
 */

import { isIrreplaceable, isSilent, stateText } from "../../health.ts";
import { warningsOf } from "../../files_words.ts";
import { historyText } from "../../history_words.ts";
import { bytesText, clockText, spanText } from "./ages.ts";
import { access } from "./access.ts";
import { get, messageOf, post } from "./api.ts";
import { answers, changesBetween, type ClusterStatus, type Look, nameOf, rateBetween } from "./cluster_changes.ts";
import { type ShownReplica, viewOf } from "./cluster_changes.ts";
import { figure, html, useLayoutEffect, useRef, useState, type VNode } from "./lib.ts";
import { NodeCards, nodeVitals } from "./nodes_view.ts";
import { ReplicaWaits } from "./replica_waits.ts";
import { say } from "./say.ts";
import { sharedVitals, type Vital, Vitals } from "./vitals.ts";
import { sessionText } from "./waits_text.ts";

/** Milliseconds between two looks at the cluster. */
const lookEveryMs = 1_000;

/** Events that are shown. */
const eventsMax = 50;

/** What the page knows of the cluster. */
interface Seen {
  readonly status?: ClusterStatus;
  /** When that was seen, as a time of the day. */
  readonly time?: string;
  /** Why it cannot be seen now. */
  readonly trouble?: string;
  /** Commands per second. */
  readonly rate?: number;
  readonly events: readonly { readonly time: string; readonly text: string }[];
}

/** Looks at the cluster once a second, while somebody sees the page and does not hold it. */
function useCluster(isHeld: boolean): Seen {
  const [seen, setSeen] = useState<Seen>({ events: [] });
  const last = useRef<Look & { readonly status: ClusterStatus } | undefined>(undefined);
  const probe = useRef<{ isUnderWay: boolean; latest?: ClusterStatus["probe"] }>({ isUnderWay: false });
  useLayoutEffect(() => {
    if (isHeld) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const show = (status: ClusterStatus, atMs: number, more: Partial<Seen>) => {
      const time = clockText(Date.now());
      const changes = changesBetween(last.current?.status, status).reverse().map((text) => ({ time, text }));
      last.current = { status, atMs };
      setSeen((seen) => ({ ...seen, ...more, status, events: [...changes, ...seen.events].slice(0, eventsMax) }));
    };
    const look = async () => {
      clearTimeout(timer);
      if (isOver || document.visibilityState === "hidden") return;
      try {
        // The replicas alone: a probe waits for one that hangs, and for seconds nobody would see that it does.
        const { body } = await get<ClusterStatus>("/api/status", { probe: "false" });
        if (isOver) return;
        const status = { ...body, probe: probe.current.latest };
        const atMs = performance.now();
        const rate = rateBetween(last.current, { status, atMs });
        show(status, atMs, { time: clockText(Date.now()), rate, trouble: undefined });
        sendProbe();
      } catch (error) {
        if (!isOver) setSeen((seen) => ({ ...seen, trouble: messageOf(error) }));
      }
      clearTimeout(timer);
      timer = setTimeout(look, lookEveryMs);
    };
    const sendProbe = async () => {
      if (probe.current.isUnderWay) return;
      probe.current.isUnderWay = true;
      const found = await get<ClusterStatus>("/api/status", { replicas: "false" }).catch(() => undefined);
      probe.current = { isUnderWay: false, latest: found?.body.probe };
      if (isOver || last.current === undefined || found === undefined) return;
      const { probe: latest, session } = found.body;
      show({ ...last.current.status, probe: latest, session }, last.current.atMs, {});
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [isHeld]);
  return seen;
}

/** Tells the launcher to do something, and says what it says. */
async function order(path: string): Promise<void> {
  try {
    say((await post<{ text: string }>(path, {})).body.text);
  } catch (error) {
    say(messageOf(error), "bad");
  }
}

/** The part. */
export function ClusterView(): VNode {
  const [isHeld, setHeld] = useState(false);
  const { status, time, trouble, rate, events } = useCluster(isHeld);
  const troubled = trouble !== undefined && html`<p class="trouble" role="alert">${trouble}</p>`;
  if (status === undefined) {
    return html`<section class="cluster">${troubled || html`<p class="muted">Asking the replicas</p>`}</section>`;
  }
  const { replicas = [], nodes, cluster, session, log, disk, canControl } = status;
  const hasToken = access()?.canControl ?? false;
  const nothing = isHeld
    ? "Nothing had happened until then."
    : `Nothing has happened since you opened this page. ${
      nodes !== undefined
        ? "Changes of the nodes and of the members of the engine appear here."
        : hasToken
        ? "Kill a replica, and watch the view change."
        : "Changes of the replicas and of the view appear here."
    }`;
  return html`
    <section class="cluster stack" aria-label="Cluster">
      <h1 class="purpose">${nodes === undefined
        ? "See how the replicas are, and what they wait for."
        : "See how the nodes are, and the members of the engine that gives them their order."}</h1>
      ${troubled}
      <${Vitals} vitals=${nodes === undefined ? vitalsOf(status, rate) : nodeVitals(status, rate)} />
      ${[log, disk].map((room) =>
        room !== undefined &&
        html`<p class=${room.isWarning ? "trouble note" : "note"} role=${
          room.isWarning ? "alert" : undefined
        }>${room.text}</p>`
      )}
      <p class=${isHeld ? "flow note warn" : "flow note"}>
        <span>${isHeld ? "Held" : "Seen"} at <time>${time}</time>${isHeld &&
          `. Continue to see what happens now${hasToken ? ", and to kill or start replicas" : ""}`}</span>
        <button type="button" class="quiet" aria-pressed=${isHeld} onClick=${() => setHeld(!isHeld)}>${isHeld
          ? "Continue"
          : "Hold"}</button>
      </p>
      ${nodes !== undefined && html`<${NodeCards} nodes=${nodes} engine=${status.engine} />`}
      <div class="cards">
        ${replicas.map((replica) =>
          html`
            <${Replica} key=${replica.id ?? replica.address} replica=${replica} status=${status} isHeld=${isHeld}
              hasToken=${hasToken} />
          `
        )}
        ${hasToken && nodes === undefined &&
          html`<button type="button" class="quiet another" disabled=${isHeld} onClick=${() =>
            order("/api/replicas")}>Add a replica</button>`}
      </div>
      ${session !== undefined && nodes === undefined && html`<p class="note">${sessionText(session)}</p>`}
      ${!hasToken && nodes === undefined &&
        html`<p class="note">${
          canControl
            ? html`
              You can only watch the cluster from here. To kill and restart replicas, open the link that${" "}
              <code>deno task servers 3 --http 8080</code> has printed: it ends in <code>#token=…</code>.
            `
            : html`You can only watch the cluster from here: <code>deno task servers</code> did not start its gateway.`
        }</p>`}
      <h2>Events</h2>
      <ol class="events" aria-live="polite">
        ${events.length === 0 && html`<li class="muted">${nothing}</li>`}
        ${events.map(({ time, text }, at) =>
          html`<li key=${events.length - at}><time class="line muted">${time}</time>${text}</li>`
        )}
      </ol>
      <p class="note">Cluster <code>${cluster.slice(0, 8)}</code></p>
    </section>
  `;
}

/** The cluster in four numbers. */
function vitalsOf(status: ClusterStatus, rate: number | undefined): readonly Vital[] {
  const { mayFail, replicas = [] } = status;
  const silent = replicas.filter(isSilent).length;
  const lacking = replicas.filter(({ lacksHistory }) => lacksHistory).length;
  const silence = silent === 0 ? "" : `; ${silent} ${silent === 1 ? "gives" : "give"} no answer`;
  const lack = lacking === 0 ? "" : `; ${lacking} ${lacking === 1 ? "lacks" : "lack"} history`;
  return [
    [mayFail, `more may fail${silence}${lack}`, mayFail === 0 || silent + lacking > 0 ? "warn" : "good"],
    [viewOf(status), "view"],
    ...sharedVitals(status, rate),
  ];
}

interface ReplicaProps {
  readonly replica: ShownReplica;
  /** The status that it is in. */
  readonly status: ClusterStatus;
  readonly hasToken: boolean;
  readonly isHeld: boolean;
}

function Replica({ replica, status: { replicas = [], session }, hasToken, isHeld }: ReplicaProps): VNode {
  const { id, address, state, executed = 0, lag, reason } = replica;
  const furthest = Math.max(1, ...replicas.map(({ executed = 0 }) => executed));
  const isLast = isIrreplaceable(replica, replicas);
  const hasFailed = state === "failed";
  const verb = hasFailed ? "Restart" : "Kill";
  const look = isSilent(replica) ? "no answer" : replica.lacksHistory ? "lacking" : state;
  // The button may have the focus, and has a key to stay while everything above it changes. Everything that grows and
  // shrinks is below it, so that nobody hits the wrong button.
  return html`
    <article class="box" data-state=${look} aria-label=${nameOf(replica)}>
      <header class="flow">
        <h2 class="title">${id === undefined ? "Replica" : nameOf(replica)}</h2>
        <span class="state note firm">${stateText(replica)}</span>
        <code class="note">${address}</code>
      </header>
      ${answers(replica)
        ? html`
          <div class="progress" title=${`${executed} executed, ${lag} behind`}
            style=${{ backgroundSize: `${100 * executed / furthest}% 100%` }}></div>
          <dl class="figures">
            ${figuresOf(replica)}
          </dl>
        `
        : !hasFailed && html`<p class="fact small muted reason">${reason}</p>`}
      ${hasToken && id !== undefined && html`
        <p key="actions" class="actions flow">
          <button type="button" class=${`small ${hasFailed ? "" : "danger"}`} aria-label=${`${verb} replica ${id}`}
            disabled=${isLast || isHeld} title=${isLast
              ? "This is the last replica that has all of the data"
              : undefined}
            onClick=${() => order(`/api/replicas/${id}/${verb.toLowerCase()}`)}>${verb}</button>
        </p>
      `}
      ${warningsOf(replica).map((text) => html`<p class="fact small reason">${text}</p>`)}
      ${answers(replica) && html`<${ReplicaWaits} replica=${replica} own=${session?.client} />`}
    </article>
  `;
}

/** The figures of a replica that answers. */
function figuresOf(replica: ShownReplica): (VNode | undefined)[] {
  const { view, executed, lag, digest, clock, pending, sessions, durable, memoryBytes, uptimeMs, history } = replica;
  const number = (value = 0) => value.toLocaleString("en");
  return [
    figure("executed", number(executed), true),
    figure("behind", number(lag)),
    figure("pending", number(pending)),
    figure("clock", number(clock), true),
    figure("view", view),
    figure("sessions", number(sessions)),
    figure("digest", html`<code>${digest}</code>`, true),
    figure("memory", memoryBytes === undefined ? "–" : bytesText(memoryBytes)),
    figure("up for", uptimeMs === undefined ? "–" : spanText(uptimeMs)),
    figure("data", durable ? "on disk" : "in memory", true),
    history && html`
      <div class="whole">
        <dt>sealed</dt>
        <dd>${historyText(history)}</dd>
      </div>
    `,
  ];
}
