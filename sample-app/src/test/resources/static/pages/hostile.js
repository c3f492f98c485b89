// One event of each kind, each bearing the mark that the test gave the page.
const mark = location.search.slice(1);
window.make = () => {
  Telemetry.log('info', `${mark} logged`, { list: [1, ['two']], nested: { deep: [true] } });
  console.error(`${mark} printed`, [1, 2]);
  fetch(`/pages/${mark}`).catch(() => {});
  Promise.reject(new Error(`${mark} rejected`));
  throw new Error(`${mark} thrown`);
};
window.make();
