/**
 * Every administrative setting, once: by controller and name.
 *
 * These are the settings that an administrator changes while Postern runs; what needs a restart is
 * in postern.yaml. A new setting is a row in the file of its controller, a new controller a file
 * and a line here; types, validation and the reference page follow.
 *
 * Callers: app (the settings file), hooks/internal (the internal policy), the generator.
 */
import { MAIL_SMTP } from './mail-smtp.js';
import type { ControllerSpec, Held, SettingSpec } from './setting-spec.js';

export const SETTINGS_TABLE: { readonly MailSmtp: typeof MAIL_SMTP } = { MailSmtp: MAIL_SMTP };

/** Fails to compile when a row of the table is none. */
type Checked<Rows extends Readonly<Record<string, ControllerSpec>>> = Rows;

type Table = Checked<typeof SETTINGS_TABLE>;

export type ControllerName = keyof Table;

/** All settings as they are in force; never changed, but replaced as a whole. */
export type AdminSettings = {
  readonly [C in ControllerName]: { readonly [N in keyof Table[C]]: Held<Table[C][N]> };
};

export const CONTROLLER_NAMES: readonly ControllerName[] = Object.keys(SETTINGS_TABLE) as ControllerName[];

/** The rows of a controller, for those who walk over them; undefined for a name that is none. */
export function controllerOf(name: string): ControllerSpec | undefined {
  return Object.hasOwn(SETTINGS_TABLE, name) ? SETTINGS_TABLE[name as ControllerName] : undefined;
}

function initialOf(spec: SettingSpec): unknown {
  return 'initial' in spec ? spec.initial : undefined;
}

/** Values by controller and name, each checked by readSetting; what is missing counts as not set. */
export type GivenSettings = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** Completes checked values. */
export function adminSettings(given: GivenSettings): AdminSettings {
  const controllers = CONTROLLER_NAMES.map((controller): readonly [string, object] => {
    const values: Record<string, unknown> = {};
    for (const [name, spec] of Object.entries<SettingSpec>(SETTINGS_TABLE[controller])) {
      values[name] = given[controller]?.[name] ?? initialOf(spec);
    }
    return [controller, Object.freeze(values)];
  });
  // The walk follows the very table from which the type is derived.
  return Object.freeze(Object.fromEntries(controllers)) as AdminSettings;
}

/** Nothing is set. */
export const NOTHING_SET: AdminSettings = adminSettings({});

/**
 * Where the settings in force come from: a file today, the store later.
 *
 * `current` is asked at each connection and costs nothing. It gives the same object for as long as
 * nothing changes, so that whoever derives something from it does so once.
 */
export interface SettingsSource {
  current(): AdminSettings;
}
