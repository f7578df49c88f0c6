import { describe, expect, test } from 'vitest';
describe('group', () => {
  test('passes', () => {});
  test('fails', () => expect(1).toBe(2));
  test.skip('skipped', () => {});
  test.todo('later');
});
