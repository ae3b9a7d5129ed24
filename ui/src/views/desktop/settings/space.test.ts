import { expect, test } from 'vitest';

import { fromDays, fromGigabytes, toGigabytes } from './space';

test('gigabytes are read as people write them, and back', () => {
  expect(fromGigabytes('2')).toBe(2000);
  expect(fromGigabytes(' 2,5 ')).toBe(2500);
  expect(fromGigabytes('0')).toBe(0);
  expect(fromGigabytes('1.005')).toBe(1005);
  for (const wrong of ['', '-1', '2 GB', '1e3', '1.0005', '2000000', '.']) {
    expect(fromGigabytes(wrong), wrong).toBeUndefined();
  }
  for (const megabytes of [0, 1, 999, 1000, 12_345]) {
    expect(fromGigabytes(toGigabytes(megabytes))).toBe(megabytes);
  }
});

test('days are whole numbers that somebody can mean', () => {
  expect(fromDays('0')).toBe(0);
  expect(fromDays(' 30 ')).toBe(30);
  for (const wrong of ['', '-1', '1.5', '3651', '99999', 'never'])
    expect(fromDays(wrong), wrong).toBeUndefined();
});
