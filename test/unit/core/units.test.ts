import { describe, expect, it } from 'vitest';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../../src/core/units.js';

describe('durations', () => {
  it.each([
    ['90', 90_000],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['7 d', 604_800_000],
    ['2W', 1_209_600_000],
    ['0', 0],
    ['.5h', undefined],
    ['5 minutes', undefined],
    ['-1s', undefined],
    ['1e3', undefined],
    ['', undefined],
    ['Infinity', undefined],
  ])('%s is %s ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    [0, '0s'],
    [250, '250ms'],
    [90_000, '90s'],
    [300_000, '5m'],
    [28_800_000, '8h'],
    [604_800_000, '7d'],
  ])('%s ms is written %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('sizes', () => {
  it.each([
    ['512', 512],
    ['64K', 65_536],
    ['64kb', 65_536],
    ['10MB', 10_485_760],
    ['1.5GiB', 1_610_612_736],
    ['4T', 4_398_046_511_104],
    ['512B', 512],
    ['10 mega', undefined],
    ['-1', undefined],
    ['1i', undefined],
    ['999999999999999T', undefined],
  ])('%s is %s octets', (text, octets) => {
    expect(parseSize(text)).toBe(octets);
  });

  it.each([
    [0, '0B'],
    [1000, '1000B'],
    [65_536, '64KB'],
    [10_485_760, '10MB'],
  ])('%s octets are written %s', (octets, text) => {
    expect(formatSize(octets)).toBe(text);
  });
});
