/**
 * What a failure of etcd means: each is sorted before anything else happens (rule K2 of docs/design/engine.md).
 *
 * @module
 */

import { reasonOf } from "../../reason.ts";

/** How a failed request is taken. */
export type FailureKind =
  /** It was not done, and will not be. */
  | "refused"
  /** The same, and it never will be: whatever is tried, the answer is the same. */
  | "final"
  /** The same as "final": the user has no right to do it. */
  | "denied"
  /** What it asks for was compacted: the reader must begin again elsewhere. */
  | "compacted"
  /** It was not done, since the token is not valid any more: authenticate, and try again. */
  | "token"
  /** Nobody knows whether it was done. */
  | "unknown";

/** A failed request. */
export class EtcdFailure extends Error {
  override name = "EtcdFailure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Texts of etcd that say more than their codes do. The first that fits counts. */
const known: readonly [text: string, kind: FailureKind, help: string][] = [
  ["has been compacted", "compacted", ""],
  ["database space exceeded", "refused", "; see the alarms: compact, defragment, then disarm NOSPACE"],
  ["invalid auth token", "token", ""],
  ["auth: revision in header is old", "token", ""],
  // The token is older than the last change of users or roles, whoever that was about.
  ["revision of auth store is old", "token", ""],
  ["user name is empty", "final", "; authentication is on: name a user"],
  ["permission denied", "denied", ""],
  ["authentication failed", "final", "; the user or the password is wrong"],
  ["authentication is not enabled", "final", "; name no user"],
  ["request is too large", "refused", ""],
  ["too many requests", "refused", ""],
];

/** Codes of gRPC with which a request was not done; all others leave it unknown. */
const codes: ReadonlyMap<number, FailureKind> = new Map([[3, "final"], [7, "denied"], [12, "final"]]);

/**
 * Sorts the response to a request that has failed. Everything that is not known to be a refusal is unknown: to take a
 * success for a failure is worse than the other way round.
 *
 * @param status of HTTP.
 */
export function failureOf(status: number, body: string): EtcdFailure {
  const said = errorIn(body);
  if (said === undefined) {
    // The JSON gateway refuses a certificate with a common name while authentication is on, in plain text.
    if (status === 400) {
      const help = "; with authentication, a client certificate must not have a common name";
      return new EtcdFailure(
        "final",
        `etcd refuses the request with status 400, "${body.trim().slice(0, 100)}"${help}`,
      );
    }
    if (status === 404) {
      return new EtcdFailure("final", "etcd has no JSON gateway at /v3; version 3.4 or later is needed");
    }
    return new EtcdFailure("unknown", `etcd has answered ${status}`);
  }
  const found = known.find(([text]) => said.message.includes(text));
  const kind = found?.[1] ?? codes.get(said.code) ?? "unknown";
  return new EtcdFailure(kind, `etcd says "${said.message}"${found?.[2] ?? ""}`);
}

/** What a failed exchange says: the reason, without the request that failed, which is known. */
export function reasonOfExchange(error: unknown): string {
  // "fetch failed" says nothing; its cause ends with what has happened, such as a certificate that nobody trusts.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = reasonOf(cause).replace(/^error sending request .*?\): (?:client error \(\w+\): )?/s, "");
  const helps: readonly [text: string, help: string][] = [
    ["UnknownIssuer", "; name the authority that has signed the certificate of the member"],
    // Go calls a certificate that does not come a bad one.
    ["alert: BadCertificate", "; name a certificate that the member trusts"],
    ["alert: CertificateRequired", "; name a certificate that the member trusts"],
    // The alert may be lost where a member closes the connection at once.
    ["connection closed", "; with TLS, it may want a certificate: name one that the member trusts"],
  ];
  return reason + (helps.find(([text]) => reason.includes(text))?.[1] ?? "");
}

/** The error that a body or a line of a stream says. */
function errorIn(body: string): { readonly message: string; readonly code: number } | undefined {
  try {
    const value = JSON.parse(body);
    // A stream has it one level deeper.
    const error = typeof value.error === "object" && value.error !== null ? value.error : value;
    const message = error.message ?? error.error;
    if (typeof message !== "string") return undefined;
    return { message, code: Number(error.code ?? error.grpc_code ?? 2) };
  } catch {
    return undefined;
  }
}
