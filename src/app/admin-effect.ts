/**
 * What the administrative settings change in the settings of the engine.
 *
 * The engine's own come from postern.yaml; a value that the administrator has set takes the place of
 * it, and one that is not set leaves it. It is worked out once for each version of the settings: a
 * connection costs one comparison.
 *
 * Callers: app/compose-mail for the engine, app/compose-settings and app/check-settings for what is
 * told. Nothing here throws.
 */
import type { FactBus } from '../core/facts.js';
import type { EngineSettings, ListenerSettings } from '../engine/settings.js';
import { variableOf } from '../hooks/table/index.js';
import type { AdminSettings, SettingsSource } from '../settings/settings-table.js';
import type { Config } from './config-types.js';
import { mostSockets } from './open-files.js';

type MailSmtp = AdminSettings['MailSmtp'];
type AuthMode = NonNullable<MailSmtp['auth_mode']>;

const KIB_PER_MB = 1024;
const MS_PER_SECOND = 1000;

interface Offers {
  readonly auth: 'never' | 'offered';
  readonly authInClear: boolean;
  readonly tls: 'never' | 'offered';
}

const OFFERS: Readonly<Record<AuthMode, Offers>> = {
  'auth_no/tls_no': { auth: 'never', authInClear: false, tls: 'never' },
  'auth_no/tls_optional': { auth: 'never', authInClear: false, tls: 'offered' },
  'auth_optional/tls_no': { auth: 'offered', authInClear: true, tls: 'never' },
  'auth_withtls/tls_optional': { auth: 'offered', authInClear: false, tls: 'offered' },
  'auth_optional/tls_optional': { auth: 'offered', authInClear: true, tls: 'offered' },
};

/** What a listener requires, it goes on to require: the mode knows offers only. */
function withAuthMode(listener: ListenerSettings, mode: AuthMode | undefined): ListenerSettings {
  if (mode === undefined || listener.kind !== 'mx') return listener;
  const { auth, authInClear, tls } = OFFERS[mode];
  const staysRequired = listener.auth === 'required';
  const staysEncrypted = listener.tls === 'required' || listener.tls === 'implicit';
  return {
    ...listener,
    ...(staysRequired ? {} : { auth, authInClear }),
    ...(staysEncrypted ? {} : { tls }),
  };
}

function withMailSmtp(listener: ListenerSettings, settings: MailSmtp): ListenerSettings {
  if (listener.kind === 'lmtp') return listener;
  const { smtp_greeting: greeting, timeout_smtpd: seconds } = settings;
  return {
    ...withAuthMode(listener, settings.auth_mode),
    ...(greeting === undefined ? {} : { greeting }),
    ...(seconds === undefined ? {} : { idleTimeoutMs: seconds * MS_PER_SECOND }),
  };
}

/** In KiB, as policies see it; 0 MB is the largest number that they can set. */
function maxDataSize(megabytes: number): number {
  const most = variableOf('maxDataSize')?.max ?? 0;
  return megabytes === 0 ? most : Math.min(megabytes * KIB_PER_MB, most);
}

/** The settings of the engine with those of the administrator laid over them. */
export function withAdminSettings(
  base: EngineSettings,
  { MailSmtp: settings }: AdminSettings,
): EngineSettings {
  const { databytes, concurrency_incoming: connections } = settings;
  return {
    ...base,
    listeners: base.listeners.map((listener) => withMailSmtp(listener, settings)),
    limits: { ...base.limits, ...(connections === undefined ? {} : { maxConnections: connections }) },
    initialValues: {
      ...base.initialValues,
      ...(databytes === undefined ? {} : { maxDataSize: maxDataSize(databytes) }),
    },
  };
}

/** The settings of the engine as they are at each call. */
export function liveEngineSettings(base: EngineSettings, source: SettingsSource): () => EngineSettings {
  let from = source.current();
  let made = withAdminSettings(base, from);
  return () => {
    const now = source.current();
    if (now !== from) {
      from = now;
      made = withAdminSettings(base, now);
    }
    return made;
  };
}

export interface WithoutEffect {
  readonly setting: string;
  readonly reason: string;
}

/** What is missing for an `auth_mode`. */
function modeWithoutEffect(mode: AuthMode, config: Config): readonly string[] {
  const { auth, tls } = OFFERS[mode];
  const found: string[] = [];
  if (!config.listeners.some(({ kind }) => kind === 'mx')) found.push('there is no listener of the kind mx');
  if (auth === 'offered' && config.auth.usersFile === '')
    found.push('AUTH takes auth.usersFile, which is not set');
  if (tls === 'offered' && config.tls.certificate === '')
    found.push('STARTTLS takes tls.certificate, which is not set');
  return found;
}

/** Lower ceilings on connections than the one that is set. */
function ceilingsBelow(connections: number, { listeners }: Config, sockets: number): readonly string[] {
  const found: string[] = [];
  const together = listeners.reduce((sum, { maxConnections }) => sum + maxConnections, 0);
  if (together < connections) found.push(`maxConnections of the listeners allow ${together} together`);
  if (sockets < connections) found.push(`open files are limited to ${sockets} connections`);
  return found;
}

/** Settings that cannot do what they say, because something else is missing or allows less. */
export function withoutEffect(
  { MailSmtp: { auth_mode: mode, concurrency_incoming: connections } }: AdminSettings,
  config: Config,
  sockets: number = mostSockets(),
): WithoutEffect[] {
  const mine = mode === undefined ? [] : modeWithoutEffect(mode, config);
  const below = connections === undefined ? [] : ceilingsBelow(connections, config, sockets);
  return [
    ...mine.map((reason) => ({ setting: 'MailSmtp.auth_mode', reason })),
    ...below.map((reason) => ({ setting: 'MailSmtp.concurrency_incoming', reason })),
  ];
}

export function tellWithoutEffect(settings: AdminSettings, config: Config, facts: FactBus): void {
  for (const found of withoutEffect(settings, config)) facts.publish('setting.ignored', found);
}
