// Go's net/http and a pool of redigo's connections: checks the signature, appends, answers.
package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"sort"

	"github.com/gomodule/redigo/redis"
)

func main() {
	token, url := os.Getenv("TWILIO_AUTH_TOKEN"), os.Getenv("PUBLIC_WEBHOOK_URL")
	pool := &redis.Pool{MaxIdle: 64, MaxActive: 64, Wait: true,
		Dial: func() (redis.Conn, error) { return redis.DialURL(os.Getenv("REDIS_URL")) }}
	http.HandleFunc("/webhook/twilio", func(w http.ResponseWriter, r *http.Request) {
		if r.ParseForm() != nil {
			w.WriteHeader(400)
			return
		}
		keys := make([]string, 0, len(r.PostForm))
		for k := range r.PostForm {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		mac := hmac.New(sha1.New, []byte(token))
		io.WriteString(mac, url)
		flat := make(map[string]string, len(keys))
		for _, k := range keys {
			io.WriteString(mac, k+r.PostForm.Get(k))
			flat[k] = r.PostForm.Get(k)
		}
		want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		if !hmac.Equal([]byte(want), []byte(r.Header.Get("X-Twilio-Signature"))) {
			w.WriteHeader(403)
			return
		}
		b, _ := json.Marshal(flat)
		c := pool.Get()
		_, err := c.Do("RPUSH", "peer:inbound", b)
		c.Close()
		if err != nil {
			w.WriteHeader(503)
			return
		}
		w.Header().Set("Content-Type", "text/xml")
		io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?><Response></Response>`)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
