const byId = (id) => document.getElementById(id);
const euros = (cents) => `€ ${(cents / 100).toFixed(2)}`;

const cart = [];

const getJson = async (url, options) => {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
};

const say = (text, failed = false) => {
  byId('message').textContent = text;
  byId('message').classList.toggle('failed', failed);
};

/** Beside the buttons that break things: on a phone the cart is out of sight. */
const sayOfFault = (text) => {
  byId('fault').textContent = text;
};

const element = (tag, className, text) => {
  const result = document.createElement(tag);
  if (className) result.className = className;
  if (text !== undefined) result.textContent = text;
  return result;
};

const showCart = () => {
  const items = byId('cart-items');
  items.replaceChildren();
  const lines = new Map();
  for (const product of cart) lines.set(product, (lines.get(product) ?? 0) + 1);
  for (const [product, count] of lines) {
    const line = element('li');
    line.append(element('span', '', `${count} × ${product.name}`), element('span', '', euros(count * product.cents)));
    items.append(line);
  }
  byId('cart-empty').hidden = cart.length > 0;
  byId('cart-count').textContent = cart.length;
  byId('cart-total').textContent = euros(cart.reduce((sum, product) => sum + product.cents, 0));
  byId('checkout').disabled = cart.length === 0;
};

const add = (product) => {
  cart.push(product);
  say('');
  showCart();
  Telemetry.track('add-to-cart', { product: product.id });
  Telemetry.conversion('checkout', 'cart', product.cents);
};

const showProducts = (products) => {
  const begun = performance.now();
  const list = byId('products');
  for (const product of products) {
    const card = element('li', 'product');
    const row = element('div', 'row');
    const button = element('button', '', 'Add to cart');
    button.addEventListener('click', () => add(product));
    row.append(element('span', 'price', euros(product.cents)), button);
    card.append(element('div', 'picture', product.glyph), element('h3', '', product.name), element('p', '', product.blurb), row);
    list.append(card);
  }
  list.removeAttribute('aria-busy');
  Telemetry.render('products', performance.now() - begun, products.length);
};

byId('checkout').addEventListener('click', async () => {
  try {
    const order = await getJson('/api/checkout', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ productIds: cart.map((product) => product.id) })
    });
    Telemetry.log('info', 'Order placed', { order: order.order, cents: order.cents });
    Telemetry.conversion('checkout', 'ordered', order.cents);
    cart.length = 0;
    showCart();
    say(`Thank you. Order ${order.order}, ${euros(order.cents)}.`);
  } catch (error) {
    say('The order could not be placed.', true);
    Telemetry.error(error, { step: 'checkout' });
  }
});

byId('throw').addEventListener('click', () => {
  const lantern = undefined;
  sayOfFault('An error was thrown.');
  lantern.light();
});
byId('reject').addEventListener('click', () => {
  sayOfFault('A promise was rejected.');
  Promise.reject(new Error('The warehouse said no'));
});
byId('failing-fetch').addEventListener('click', async () => {
  const response = await fetch('/api/broken');
  sayOfFault(`The server answered ${response.status}.`);
});
byId('slow-fetch').addEventListener('click', async () => {
  sayOfFault('Waiting…');
  const { sleptMs } = await getJson('/api/slow');
  sayOfFault(`The server took its time: ${sleptMs} ms.`);
});
byId('console-error').addEventListener('click', () => {
  sayOfFault('console.error was called.');
  console.error('Stock level is negative', { product: 4, left: -1 });
});

byId('missing-picture').addEventListener('click', () => {
  sayOfFault('A picture is missing.');
  const picture = new Image();
  // Only what is in the document has its failure told.
  picture.hidden = true;
  picture.addEventListener('error', () => picture.remove());
  picture.src = '/pictures/lantern.png';
  document.body.append(picture);
});
byId('freeze').addEventListener('click', () => {
  sayOfFault('The page did not answer for 300 ms.');
  const until = performance.now() + 300;
  while (performance.now() < until);
});

getJson('/api/products').then(showProducts, (error) => {
  say('The catalogue could not be loaded.', true);
  Telemetry.error(error, { step: 'catalogue' });
});
showCart();
