import { expect, it } from 'vitest';
import type { SpfStatus } from '../../../src/checks/spf.js';
import { spfAuthResult } from '../../../src/checks/spf-auth-result.js';

// RFC 8601 §2.7.2: the words and the properties.
it.each<[SpfStatus, string]>([
  ['None', 'none'],
  ['Neutral', 'neutral'],
  ['Pass', 'pass'],
  ['Fail', 'fail'],
  ['SoftFail', 'softfail'],
  ['TempError', 'temperror'],
  ['PermError', 'permerror'],
])('%s is %s', (status, result) => {
  const domain = 'example.org';
  expect(spfAuthResult({ status, identity: 'mailFrom', domain })).toEqual({
    method: 'spf',
    result,
    properties: [{ ptype: 'smtp', property: 'mailfrom', value: domain }],
  });
  expect(spfAuthResult({ status, identity: 'helo', domain }).properties).toEqual([
    { ptype: 'smtp', property: 'helo', value: domain },
  ]);
  expect(spfAuthResult({ status, identity: 'helo', domain: '' }).properties).toEqual([]);
});
