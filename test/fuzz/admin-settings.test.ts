/** Settings of the administrator, whatever a file holds: a value of the setting's own kind, or words. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSetting } from '../../src/settings/setting-value.js';
import { adminSettings, CONTROLLER_NAMES, SETTINGS_TABLE } from '../../src/settings/settings-table.js';

const specs = CONTROLLER_NAMES.flatMap((controller) => Object.entries(SETTINGS_TABLE[controller]));

describe('a setting', () => {
  it.each(specs)('%s is read or refused, and what was read is read again', (_name, spec) => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.array(fc.string()), fc.string(), fc.integer()), (given) => {
        const reading = readSetting(spec, given);
        if (!('value' in reading)) return;
        expect(readSetting(spec, reading.value)).toEqual(reading);
      }),
    );
  });

  it('is the same in the whole, where nothing is given', () => {
    expect(adminSettings({})).toEqual(adminSettings({ MailSmtp: {} }));
  });
});
