it('is alone (a+b)', () => {});
it('prints', () => console.log('said here'));
