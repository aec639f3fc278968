// Package traffic writes log lines the way real programs write them: everyday
// ones, and attacks. The same seed gives the same lines.
//
// In flow a seed and times, out flow lines without their newline. It does no I/O.
package traffic

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Host writes the lines of one host. It is not for several goroutines at once.
type Host struct {
	name string
	r    *rand.Rand
	pid  int
}

// New makes a host whose lines depend on the seed alone.
func New(name string, seed uint64) *Host {
	return &Host{name: name, r: rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15)), pid: 1200}
}

// syslog puts an ISO 8601 envelope, that of Debian 12's rsyslog, around a message.
func (h *Host) syslog(t time.Time, program, message string) string {
	return fmt.Sprintf("%s %s %s: %s", t.Format("2006-01-02T15:04:05.000000-07:00"), h.name, program, message)
}

func (h *Host) sshd(t time.Time, format string, args ...any) string {
	h.pid += 1 + h.r.IntN(3)
	return h.syslog(t, fmt.Sprintf("sshd[%d]", h.pid), fmt.Sprintf(format, args...))
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// SSHFailed is one failed password.
func (h *Host) SSHFailed(t time.Time, user, address string) string {
	return h.sshd(t, "Failed password for %s from %s port %d ssh2", user, address, 1024+h.r.IntN(60000))
}

// SSHFailedInvalid is one failed password for a user that does not exist.
func (h *Host) SSHFailedInvalid(t time.Time, user, address string) string {
	return h.SSHFailed(t, "invalid user "+user, address)
}

// SSHAccepted is one accepted login by the given method.
func (h *Host) SSHAccepted(t time.Time, method, user, address string) string {
	line := h.sshd(t, "Accepted %s for %s from %s port %d ssh2", method, user, address, 1024+h.r.IntN(60000))
	if method == "publickey" {
		line += ": ED25519 SHA256:" + h.letters(43)
	}
	return line
}

func (h *Host) letters(n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[h.r.IntN(len(alphabet))]
	}
	return string(b)
}

// Auth is an everyday line of auth.log: logins by key, sessions, cron, sudo, and
// now and then one mistyped password.
func (h *Host) Auth(t time.Time) string {
	user := pick(h.r, "deploy", "mina", "jun", "backup")
	address := fmt.Sprintf("10.20.%d.%d", h.r.IntN(4), 2+h.r.IntN(250))
	switch n := h.r.IntN(100); {
	case n < 25:
		return h.SSHAccepted(t, "publickey", user, address)
	case n < 45:
		return h.sshd(t, "pam_unix(sshd:session): session opened for user %s(uid=1000) by (uid=0)", user)
	case n < 60:
		return h.sshd(t, "pam_unix(sshd:session): session closed for user %s", user)
	case n < 70:
		return h.sshd(t, "Disconnected from user %s %s port %d", user, address, 1024+h.r.IntN(60000))
	case n < 80:
		return h.syslog(t, fmt.Sprintf("CRON[%d]", 3000+h.r.IntN(999)), "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)")
	case n < 90:
		return h.syslog(t, fmt.Sprintf("CRON[%d]", 3000+h.r.IntN(999)), "pam_unix(cron:session): session closed for user root")
	case n < 98:
		return h.syslog(t, "sudo", "    mina : TTY=pts/0 ; PWD=/home/mina ; USER=root ; COMMAND="+
			pick(h.r, "/usr/bin/systemctl status nginx", "/usr/bin/apt-get update", "/usr/bin/less /var/log/syslog"))
	default:
		return h.SSHFailed(t, user, fmt.Sprintf("10.21.%d.%d", h.r.IntN(250), 2+h.r.IntN(250)))
	}
}

// Request is one line of a combined access log (Apache's and nginx's).
func (h *Host) Request(t time.Time, address, method, target string, status int, agent string) string {
	return fmt.Sprintf(`%s - - [%s] "%s %s HTTP/1.1" %d %d "-" "%s"`,
		address, t.Format("02/Jan/2006:15:04:05 -0700"), method, target, status, 150+h.r.IntN(40000), agent)
}

// Browser is the user agent of everyday requests.
const Browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// Web is an everyday request, with the words and signs in it that careless
// rules take for attacks.
func (h *Host) Web(t time.Time) string {
	address := fmt.Sprintf("198.18.%d.%d", h.r.IntN(8), 2+h.r.IntN(250))
	target := pick(h.r, "/", "/products", "/products?page=2&sort=price", "/search?q=select+a+table+from+the+catalogue",
		"/search?q=O%27Brien", "/search?q=drop+in+replacement+union+jack", "/static/app.3f2c.js", "/static/style.css",
		"/cart", "/account/orders?from=2026-01-01&to=2026-02-01", "/blog/2026/11/how-to-write-a-script",
		"/api/items?id=4711", "/images/1%20(2).png", "/search?q=1+or+2+bedrooms", "/redirect?next=%2Faccount%2Forders")
	status := 200
	switch n := h.r.IntN(100); {
	case n < 8:
		status = 304
	case n < 9:
		status, target = 404, "/favicon.ico"
	}
	return h.Request(t, address, "GET", target, status, Browser)
}

// App is an everyday line of a Python application's log.
func (h *Host) App(t time.Time) string {
	return fmt.Sprintf("%s - shop.%s - %s - %s", t.Format("2006-01-02 15:04:05,000"),
		pick(h.r, "cart", "orders", "mail"), pick(h.r, "INFO", "INFO", "INFO", "DEBUG"),
		pick(h.r, "order 4711 was placed", "cache refreshed in 12 ms", "sent confirmation to a customer", "retrying later is not needed"))
}

// Exception is an application's exception with its traceback: several lines.
func (h *Host) Exception(t time.Time) []string {
	return strings.Split(t.Format("2006-01-02 15:04:05,000")+` - shop.orders - ERROR - order 4712 could not be placed
Traceback (most recent call last):
  File "/srv/shop/orders.py", line 88, in place
    charge(order.total, order.card)
  File "/srv/shop/payment.py", line 41, in charge
    raise GatewayTimeout("no answer from the payment gateway after 30 s")
shop.payment.GatewayTimeout: no answer from the payment gateway after 30 s`, "\n")
}
