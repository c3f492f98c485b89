setTimeout(() => {
  throw new Error('what a page may not read of a script from elsewhere');
});
