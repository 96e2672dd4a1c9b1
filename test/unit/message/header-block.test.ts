import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../../src/message/header-block.js';

const TEXT = 'Subject: one\r\nX-A: \xe4\r\n\tfolded\r\nx-a: two\r\nTo : odd\r\n';
const block = (text: string) => parseHeader(Buffer.from(text, 'latin1'));

describe('parseHeader', () => {
  it('keeps every octet', () => {
    expect(block(TEXT).header.toBuffer().toString('latin1')).toBe(`${TEXT}\r\n`);
  });

  it('reads fields in any letter case, unfolded', () => {
    const { header } = block(TEXT);
    expect(header.get('x-A')).toBe('\xe4\tfolded');
    expect(header.getAll('X-a')).toEqual(['\xe4\tfolded', 'two']);
    expect(header.get('to')).toBe('odd');
    expect(header.get('none')).toBeUndefined();
    expect(header.entries().map(([name]) => name)).toEqual(['Subject', 'X-A', 'x-a', 'To']);
    expect(header.count('x-a')).toBe(2);
  });

  it('decodes UTF-8 where it is UTF-8', () => {
    expect(parseHeader(Buffer.from('Subject: Grüße\r\n')).header.get('subject')).toBe('Grüße');
  });

  it('ends at the first line that is no field', () => {
    const { header, body } = block('Subject: x\r\nhello world\r\nA: b\r\n');
    expect(header.entries()).toEqual([['Subject', 'x']]);
    expect(body.toString()).toBe('hello world\r\nA: b\r\n');
  });

  it('takes a message without a header as all body', () => {
    const { header, body } = block(' starts folded\r\n');
    expect(header.fields).toEqual([]);
    expect(body.toString()).toBe(' starts folded\r\n');
  });

  it('completes a last field without line end', () => {
    expect(block('A: b').header.toBuffer().toString()).toBe('A: b\r\n\r\n');
  });
});

describe('edits', () => {
  const edited = (edit: Parameters<ReturnType<typeof block>['header']['apply']>[0]) =>
    block(TEXT).header.apply(edit).toBuffer().toString('latin1');

  it('adds at the end', () => {
    expect(edited({ kind: 'add', name: 'X-B', value: 'v' })).toBe(`${TEXT}X-B: v\r\n\r\n`);
    expect(edited({ kind: 'addIfNotExists', name: 'X-B', value: 'v' })).toBe(`${TEXT}X-B: v\r\n\r\n`);
    expect(edited({ kind: 'addIfNotExists', name: 'SUBJECT', value: 'v' })).toBe(`${TEXT}\r\n`);
  });

  it('removes the first, or all', () => {
    expect(edited({ kind: 'removeFirst', name: 'x-a' })).toBe('Subject: one\r\nx-a: two\r\nTo : odd\r\n\r\n');
    expect(edited({ kind: 'remove', name: 'x-a' })).toBe('Subject: one\r\nTo : odd\r\n\r\n');
    expect(edited({ kind: 'remove', name: 'none' })).toBe(`${TEXT}\r\n`);
  });

  it('modifies in place', () => {
    expect(edited({ kind: 'modify', name: 'Subject', value: 'two' })).toMatch(/^Subject: two\r\nX-A/);
    expect(edited({ kind: 'modify', name: 'New', value: 'v' })).toBe(`${TEXT}New: v\r\n\r\n`);
    expect(edited({ kind: 'modifyIfExists', name: 'New', value: 'v' })).toBe(`${TEXT}\r\n`);
  });

  it('leaves the block it came from alone', () => {
    const { header } = block(TEXT);
    header.apply({ kind: 'remove', name: 'subject' });
    expect(header.get('subject')).toBe('one');
  });

  it('cannot be used to inject a field', () => {
    expect(edited({ kind: 'add', name: 'X-B', value: 'v\r\nBcc: x\r\n\r\nbody\0' })).toBe(
      `${TEXT}X-B: v Bcc: x body\r\n\r\n`,
    );
    expect(() => edited({ kind: 'add', name: 'X\r\nBcc', value: 'v' })).toThrow(/is no header name/);
  });
});
