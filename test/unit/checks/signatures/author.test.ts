import { describe, expect, it } from 'vitest';
import { authorDomain, readAuthor } from '../../../../src/checks/signatures/author.js';

const of = (...from: string[]) => readAuthor({ getAll: () => from });

describe('readAuthor', () => {
  it.each([
    ['ann@example.org', ['ann@example.org']],
    ['Ann <ann@EXAMPLE.org>', ['ann@example.org']],
    ['"Doe, Ann (x@y)" <ann@example.org>', ['ann@example.org']],
    ['Doe, Ann <ann@example.org>', ['ann@example.org']],
    ['[List] ann@evil.example <ann@example.org>', ['ann@example.org']],
    ['ann@example.org (ann@evil.example)', ['ann@example.org']],
    ['(a (nested \\) c)) < ann @ example.org. >', ['ann@example.org']],
    ['"x@y"@example.org', ['"x@y"@example.org']],
    ['us: ann@example.org, bob@example.net;', ['ann@example.org', 'bob@example.net']],
    ['a@example.org; b@example.net', ['a@example.org', 'b@example.net']],
    ['a@b\u00fccher.example', ['a@xn--bcher-kva.example']],
    ['a@[192.0.2.1]', ['a@[192.0.2.1]']],
    ['nobody:;', []],
    ['Ann', []],
    ['', []],
  ])('reads %j', (from, addresses) => {
    expect(of(from)).toEqual({ addresses, fields: 1 });
  });

  it.each([
    ['white space before a dot', '<ceo@bank .example>'],
    ['white space behind a dot', '<ceo@bank. example>'],
    ['a fold in a domain', 'ceo@bank\t.example'],
    ['a comment in a domain', 'ceo@bank(c).example'],
    ['a domain in two parts', 'CEO <ceo@a.example (c) .bank.example>'],
    ['a word behind an address', 'ceo@bank.example CEO'],
    ['two at signs', 'ceo@bank.example@evil.example'],
    ['no domain', 'ceo@'],
    ['no domain in brackets', 'CEO <ceo>'],
    ['no local part', '<@bank.example>'],
    ['nothing in brackets', 'ceo@bank.example <>'],
    ['a route', '<@relay.example:ceo@bank.example>'],
    ['a group with an address for a name', 'ceo@bank.example: x@evil.example;'],
    ['an address behind another', '<x@evil.example> ceo@bank.example'],
    ['two in brackets', '<x@evil.example> <ceo@bank.example>'],
    ['brackets in brackets', '<x@evil.example <ceo@bank.example>'],
    ['a bracket too many', 'x@evil.example> ceo@bank.example'],
    ['brackets without an end', '<ceo@bank.example'],
    ['a comment without an end', 'x@evil.example (ceo@bank.example'],
    ['a comment without a beginning', 'x@evil.example) ceo@bank.example'],
    ['a quotation without an end', '"x@evil.example ceo@bank.example'],
    ['a control in a domain', 'ceo@bank\0.example'],
    ['a quoted domain', 'ceo@"bank.example"'],
    ['what is no name', 'ceo@dmarc=pass.example'],
    ['a literal that is no address', 'ceo@[bank.example]'],
    ['a name too long', `ceo@${'x'.repeat(64)}.example`],
    ['a field too long', `${'a'.repeat(8193)}@bank.example`],
  ])('finds a fault: %s', (_what, from) => {
    expect(of(from).fault).toMatch(/\w/);
    expect(authorDomain({ getAll: () => [from] })).toBeUndefined();
  });

  it('knows all fields, and bounds them together', () => {
    expect(of('a@example.org', 'b@example.net')).toEqual({
      addresses: ['a@example.org', 'b@example.net'],
      fields: 2,
    });
    expect(of('a@example.org', `${'x'.repeat(8192)}@example.org`)).toMatchObject({
      addresses: [],
      fields: 2,
    });
    expect(of()).toEqual({ addresses: [], fields: 0 });
  });
});
