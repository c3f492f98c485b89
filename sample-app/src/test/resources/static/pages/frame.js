const frame = document.createElement('iframe');
frame.sandbox = 'allow-scripts';
frame.src = `${location.hash.slice(1) || 'sandboxed'}.html${location.search}`;
document.body.append(frame);
