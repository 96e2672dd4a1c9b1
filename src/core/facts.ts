/**
 * The fact bus: what happened, told once, to whoever wants to know.
 *
 * A fact is a report, never a question: a subscriber cannot change what happens, is never
 * awaited, and an error it throws is handed to `onSubscriberError` and goes no further. Metrics,
 * log lines and dashboards subscribe; the tiers below only publish.
 *
 * Callers: every tier publishes, `app` subscribes. Adding a fact means adding a row to FactMap.
 */

export interface FactMap {
  'engine.started': { readonly listeners: readonly string[] };
  'engine.stopped': { readonly forcedSessions: number };
  'session.opened': { readonly session: string; readonly remoteIp: string; readonly listener: string };
  'session.closed': {
    readonly session: string;
    readonly ms: number;
    readonly messages: number;
    /** Why it ended: `quit`, `client`, `error`, `timeout`, `refused` or `shutdown`. */
    readonly reason: string;
  };
  'auth.succeeded': {
    readonly session: string;
    readonly remoteIp: string;
    readonly mechanism: string;
    /** The user's name made safe for a log line, at most 64 characters. */
    readonly user: string;
  };
  'auth.failed': {
    readonly session: string;
    readonly remoteIp: string;
    readonly mechanism: string;
    /** As above; what a client called itself, which need not be a user. */
    readonly user: string;
    /** `wrong`, `other-identity`, `locked`, or `temporary`. */
    readonly reason: string;
  };
  'command.answered': {
    readonly session: string;
    readonly verb: string;
    readonly code: number;
    /** Who decided: a policy's name, `internal`, or `engine`. */
    readonly decidedBy: string;
  };
  'policy.ran': {
    readonly policy: string;
    readonly event: string;
    readonly ms: number;
    /** `none`, or the smtpAction that the handler left, or `failed`. */
    readonly verdict: string;
  };
  'policy.failed': {
    readonly policy: string;
    readonly event: string;
    readonly session: string;
    readonly code: string;
    readonly message: string;
  };
  'policy.blocked': {
    readonly policy: string;
    readonly event: string;
    readonly ms: number;
    readonly at: string;
  };
  'policy.disabled': { readonly policy: string; readonly reason: string };
  'policy.ignoredWrite': { readonly policy: string; readonly event: string; readonly variable: string };
  'policies.loaded': { readonly count: number; readonly ms: number };
  'policies.kept': { readonly file: string; readonly message: string };
  'message.queued': {
    readonly session: string;
    readonly queueId: string;
    readonly size: number;
    readonly recipients: number;
    /** Time from end of data to the durable commit. */
    readonly ms: number;
  };
  /** A signature of ours was put on a message that is about to be stored. */
  'message.signed': {
    readonly session: string;
    readonly queueId: string;
    /** `d=` and `s=`, from the settings. */
    readonly domain: string;
    readonly selector: string;
    readonly ms: number;
  };
  'message.refused': { readonly session: string; readonly code: number; readonly decidedBy: string };
  /** Fields of a client that pretended to be ours were taken out. */
  'header.forged': { readonly session: string; readonly removed: number };
  'message.discarded': { readonly session: string; readonly decidedBy: string };
  'recipient.delivered': {
    readonly queueId: string;
    readonly recipient: string;
    readonly transport: string;
    /** What the next hop said when it took the message; absent for a Maildir. */
    readonly reply?: string;
  };
  'recipient.deferred': {
    readonly queueId: string;
    readonly recipient: string;
    readonly reason: string;
    /** Milliseconds until the next attempt. */
    readonly retryInMs: number;
  };
  'recipient.failed': { readonly queueId: string; readonly recipient: string; readonly reason: string };
  'queue.recovered': { readonly released: number; readonly swept: number; readonly parked: number };
  'queue.trouble': { readonly code: string; readonly message: string };
  /** A check came to no result: the store, DNS, a list or a database did not say. Follows `check.ran`. */
  'check.trouble': { readonly check: string; readonly status: string; readonly reason: string };
  /** A check that a policy asked for; several block lists asked at once are one, by what decided. */
  'check.ran': { readonly check: string; readonly status: string; readonly ms: number };
  'tls.loaded': {
    /** The server name it is for; empty for the default. */
    readonly host: string;
    readonly file: string;
    /** When it expires, as ISO 8601. */
    readonly validTo: string;
  };
  /** Files that changed and cannot be used; the certificate before them stays in force. */
  'tls.kept': { readonly host: string; readonly file: string; readonly message: string };
  /** Said once a day, from 14 days before the end on, and after it. */
  'tls.expiring': { readonly host: string; readonly file: string; readonly validTo: string };
  /** A client could not be given encryption; its connection is over, the others go on. */
  'tls.failed': { readonly session: string; readonly reason: string };
  /** A block list of the administrator did not answer, or answered no listing; nobody was refused by it. */
  'blocklist.failed': {
    readonly session: string;
    readonly zone: string;
    /** `listError` or `tempError`. */
    readonly status: string;
    readonly reason: string;
  };
  /** The administrative settings in force are those of this file; `names` are those that it sets. */
  'settings.loaded': { readonly file: string; readonly names: string };
  /** The file has changed and cannot be used; the settings before it stay in force. */
  'settings.kept': { readonly file: string; readonly message: string };
  /** A database of countries or autonomous systems is in force now. */
  'geoip.loaded': {
    /** Its setting, `geoip.country` or `geoip.asn`. */
    readonly setting: string;
    readonly file: string;
    readonly type: string;
    /** When it was made, as ISO 8601. */
    readonly builtAt: string;
  };
  /** The file is missing or cannot be used; what was in force before it stays, if there was anything. */
  'geoip.kept': { readonly setting: string; readonly file: string; readonly message: string };
  /** The file in force is damaged inside; said once for each file that was loaded. */
  'geoip.damaged': { readonly setting: string; readonly file: string; readonly message: string };
  'setting.ignored': { readonly setting: string; readonly reason: string };
}

export type FactName = keyof FactMap;
export type Fact = { [N in FactName]: { readonly name: N; readonly body: FactMap[N] } }[FactName];

export interface FactBus {
  publish<N extends FactName>(name: N, body: FactMap[N]): void;
  /** Hears one kind of fact; the returned function ends the subscription. */
  subscribe<N extends FactName>(name: N, hear: (body: FactMap[N]) => void): () => void;
}

type Hear = (body: unknown) => void;

/** An empty bus. `onSubscriberError` hears what a subscriber threw. */
export function createFactBus(onSubscriberError: (error: unknown, name: FactName) => void): FactBus {
  const subscribers = new Map<FactName, Set<Hear>>();
  return {
    publish(name, body) {
      const hearers = subscribers.get(name);
      if (!hearers) return;
      for (const hear of hearers) {
        try {
          hear(body);
        } catch (error) {
          onSubscriberError(error, name);
        }
      }
    },
    subscribe(name, hear) {
      const hearers = subscribers.get(name) ?? new Set<Hear>();
      subscribers.set(name, hearers);
      hearers.add(hear as Hear);
      return () => {
        hearers.delete(hear as Hear);
      };
    },
  };
}
