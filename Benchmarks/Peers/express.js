// Debian's Express and node-redis: checks the signature, appends, answers.
const express = require('express'), crypto = require('crypto'), { createClient } = require('redis');
const token = process.env.TWILIO_AUTH_TOKEN, url = process.env.PUBLIC_WEBHOOK_URL;
const redis = createClient({ url: process.env.REDIS_URL });
const app = express();
app.use(express.urlencoded({ extended: false }));
app.post('/webhook/twilio', async (req, res) => {
  const p = req.body;
  const data = Object.keys(p).sort().reduce((s, k) => s + k + p[k], url);
  const want = crypto.createHmac('sha1', token).update(Buffer.from(data, 'utf-8')).digest('base64');
  const got = req.get('X-Twilio-Signature') || '';
  if (want.length !== got.length || !crypto.timingSafeEqual(Buffer.from(want), Buffer.from(got)))
    return res.status(403).send('bad signature');
  await redis.rPush('peer:inbound', JSON.stringify(p));
  res.status(200).type('text/xml').send('<?xml version="1.0" encoding="UTF-8"?><Response></Response>');
});
redis.connect().then(() => app.listen(+process.env.PORT));
