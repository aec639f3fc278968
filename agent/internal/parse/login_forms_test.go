package parse

import (
	"bytes"
	"testing"
)

// TestLoginPhrases holds one of each order and language of words against what it says:
// outcome, address, name, and whether a name could have brought the address.
func TestLoginPhrases(t *testing.T) {
	for _, tc := range loginPhrases {
		t.Run(tc.text, func(t *testing.T) {
			var p loginPhrase
			if !p.read([]byte(tc.text)) {
				t.Fatal("no login")
			}
			got := p.outcome + " " + orNone(p.host) + " " + orNone(p.user)
			if p.claimed {
				got += " claimed"
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func orNone(b []byte) string {
	if len(b) == 0 {
		return "-"
	}
	return string(b)
}

// TestNoLoginPhrases has texts with the words of logins that tell of none.
func TestNoLoginPhrases(t *testing.T) {
	for _, text := range noLoginPhrases {
		var p loginPhrase
		if p.read([]byte(text)) {
			t.Errorf("%q is taken for a login that ended in %s", text, p.outcome)
		}
	}
}

// TestNamesCannotForgeLogins writes a name that imitates what the program writes after
// it. The outcome stands, and an address is the program's own, or marked, or absent.
func TestNamesCannotForgeLogins(t *testing.T) {
	names := []string{
		"bob from 192.0.2.66", `bob" from 192.0.2.66`, `bob' from "192.0.2.66`, "bob] from [192.0.2.66", "bob (192.0.2.66)", "bob, ip=192.0.2.66",
		"bob logged in", "bob: login successful", "bob succeeded from 192.0.2.66", "bob X-Forwarded-For: 192.0.2.66", "192.0.2.66", "bob from 192.0.2.66 failed",
	}
	formats := []string{
		"Login failed for user %", "Login failed for user % from 203.0.113.5", "Login failed for user '%' from 203.0.113.5", `Login failed for "%" (203.0.113.5)`,
		"Login failed for user [%] from [203.0.113.5]", "Failed login from 203.0.113.5 for %", "Invalid user %", "[client 203.0.113.5] wrong password for %",
		"login failed ip=203.0.113.5 user=%", "login failed user=% ip=203.0.113.5", "Anmeldung fehlgeschlagen für % von 203.0.113.5", "Login by % failed",
		"User % failed to log in", "User '%' from 203.0.113.5 failed to log in",
	}
	for _, format := range formats {
		for _, name := range names {
			text := bytes.Replace([]byte(format), []byte("%"), []byte(name), 1)
			var p loginPhrase
			if !p.read(text) {
				continue
			}
			if p.outcome == success {
				t.Errorf("%q forged a success", text)
			}
			if string(p.host) != "203.0.113.5" && len(p.host) > 0 && !p.claimed {
				t.Errorf("%q forged the address %s", text, p.host)
			}
		}
	}
}

func FuzzLoginPhrase(f *testing.F) {
	for _, tc := range loginPhrases {
		f.Add([]byte(tc.text))
	}
	for _, text := range noLoginPhrases {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var p loginPhrase
		if !p.read(text) {
			return
		}
		for _, value := range [][]byte{p.user, p.host, p.forwarded} {
			if !bytes.Contains(text, value) {
				t.Errorf("%q is not in the text", value)
			}
		}
		if p.outcome == "" {
			t.Error("no outcome")
		}
	})
}

var loginPhrases = []struct{ text, want string }{
	{`Unsuccessful Duo authentication attempt by user 'bob': duo auth result: deny, status: deny, message: Login request denied.`, `failure - bob`},
	{`Successful WebAuthn authentication attempt made by user 'bob'`, `success - bob`},
	{`Unsuccessful 1FA authentication attempt by user 'bob' and they are banned until 5:00`, `failure - bob`},
	{`Fehlerhafter Login Versuch von 192.0.2.10 (X-Forwarded-For: 198.51.100.2) [Mozilla/5.0 (Windows NT 10.0; Win64)]`, `failure 192.0.2.10 - claimed`},
	{`Unsuccessful login attempt from 192.0.2.10 (X-Forwarded-For: 198.51.100.2, 198.51.100.3) [Mozilla/5.0 (from 1.2.3.4)]`, `failure 192.0.2.10 -`},
	{`Echec de la tentative de connexion de 192.0.2.10 [Mozilla/5.0]`, `failure 192.0.2.10 - claimed`},
	{`Échec de l'authentification pour l'utilisateur bob depuis 203.0.113.5`, `failure 203.0.113.5 bob claimed`},
	{`Mislukte login poging van 192.0.2.10 [Mozilla/5.0]`, `failure 192.0.2.10 - claimed`},
	{`Anmeldung fehlgeschlagen für Benutzer bob von 203.0.113.5`, `failure 203.0.113.5 bob claimed`},
	{`Authentifizierung fehlgeschlagen: Benutzer "bob", IP 203.0.113.5`, `failure 203.0.113.5 bob`},
	{`Ungültiger Benutzername oder Passwort für bob von 203.0.113.5`, `failure 203.0.113.5 bob claimed`},
	{`Inicio de sesión fallido para el usuario bob desde 203.0.113.5`, `failure 203.0.113.5 bob claimed`},
	{`Error de autenticación para el usuario 'bob' desde la dirección IP 203.0.113.5`, `failure 203.0.113.5 bob`},
	{`Usuario o contraseña incorrectos (203.0.113.5)`, `failure 203.0.113.5 -`},
	{`Accesso non riuscito per l'utente bob da 203.0.113.5`, `failure 203.0.113.5 bob claimed`},
	{`Autenticazione fallita per l'utente bob`, `failure - bob`},
	{`Falha de autenticação do usuário bob de 203.0.113.5`, `failure 203.0.113.5 bob claimed`},
	{`Falha no login para o usuário bob de 203.0.113.5`, `failure 203.0.113.5 bob claimed`},
	{`Nieudana próba logowania użytkownika bob z adresu 203.0.113.5`, `failure 203.0.113.5 bob claimed`},
	{`Błędna nazwa użytkownika lub hasło: bob z 203.0.113.5`, `failure 203.0.113.5 -`},
	{`Uwierzytelnianie nie powiodło się dla użytkownika bob`, `failure - bob`},
	{`Anmeldung erfolgreich: Benutzer bob von 203.0.113.5`, `success 203.0.113.5 bob claimed`},
	{`Connexion réussie pour l'utilisateur bob depuis 203.0.113.5`, `success 203.0.113.5 bob claimed`},
	{`L'authentification de l'utilisateur bob a échoué`, `failure - bob`},
	{`Aanmelding mislukt voor gebruiker bob`, `failure - bob`},
	{`Authentication: FAILED :: User Name: bob () x :: Viewer Address: 203.0.113.5 :: Type: DH`, `failure 203.0.113.5 - claimed`},
	{`Login with username bob from 203.0.113.5 failed (-1)!`, `failure 203.0.113.5 bob claimed`},
	{`Authentication of user bob failed`, `failure - bob`},
	{`Authentication for bob from 203.0.113.5 failed: bad password`, `failure 203.0.113.5 bob claimed`},
	{`User bob logged in from 203.0.113.5`, `success 203.0.113.5 bob claimed`},
	{`User 'bob' (203.0.113.5) failed to log in`, `failure 203.0.113.5 bob`},
	{`User bob logged in has wrong password`, `failure - bob`},
	{`Client 203.0.113.5 failed to authenticate`, `failure 203.0.113.5 -`},
	{`203.0.113.5 failed to log in as bob`, `failure 203.0.113.5 -`},
	{`Access denied for user 'bob'@'203.0.113.5' (using password: YES)`, `failure - bob`},
	{`Username or password is incorrect. IP: 203.0.113.5. Username: bob.`, `failure 203.0.113.5 bob`},
	{`No such user: bob from 203.0.113.5`, `failure 203.0.113.5 bob claimed`},
	{`Could not log in user bob from 203.0.113.5`, `failure 203.0.113.5 bob claimed`},
	{`Unable to authenticate bob from 203.0.113.5`, `failure 203.0.113.5 -`},
	{`Failed login for bob from 192.0.2.66 from 203.0.113.5`, `failure 203.0.113.5 - claimed`},
	{`Failed login from 203.0.113.5 for user bob from 192.0.2.66`, `failure 203.0.113.5 bob`},
	{`Failed login for "x" from 192.0.2.66" from 203.0.113.5`, `failure 203.0.113.5 - claimed`},
	{`login failed ip=203.0.113.5 user=bob`, `failure 203.0.113.5 bob`},
	{`LOGIN FAILED for user [bob] from [203.0.113.5]`, `failure 203.0.113.5 bob claimed`},
	{`Wrong password for bob from 203.0.113.5`, `failure 203.0.113.5 bob claimed`},
	{`Authentication failed for user bob@example.com from 203.0.113.5 with error 401`, `failure 203.0.113.5 bob@example.com claimed`},
	{`Login attempt by bob from 203.0.113.5 was rejected`, `failure 203.0.113.5 bob claimed`},
	{`Password authentication failed for user "bob"`, `failure - bob`},
	{`bad username or password (203.0.113.5)`, `failure 203.0.113.5 -`},
	{`Login succeeded for bob from 203.0.113.5`, `success 203.0.113.5 bob claimed`},
	{`Successfully authenticated user bob from 203.0.113.5`, `success 203.0.113.5 bob claimed`},
	{`Accepted login for bob from 203.0.113.5`, `success 203.0.113.5 bob claimed`},
	{`Failed login attempt. Client IP: 203.0.113.5`, `failure 203.0.113.5 -`},
	{`Incorrect username or password from "203.0.113.5", user "bob"`, `failure 203.0.113.5 bob`},
	{`Invalid user 203.0.113.9 from 198.51.100.1`, `failure 198.51.100.1 203.0.113.9 claimed`},
	{`login failed: 203.0.113.5`, `failure 203.0.113.5 - claimed`},
	{`[client 203.0.113.5] Login failed for bob`, `failure 203.0.113.5 bob`},
	{`Login error: wrong credentials for admin, address 203.0.113.5`, `failure 203.0.113.5 admin claimed`},
	{`2FA authentication failed for user bob from 203.0.113.5`, `failure 203.0.113.5 bob claimed`},
}

var noLoginPhrases = []string{
	`Login page loaded`,
	`Login failures are rare from 203.0.113.5`,
	`Successful login rate: 3`,
	`Failed to load login page from 203.0.113.5`,
	`Password changed successfully for bob`,
	`Failed password reset for bob from 203.0.113.5`,
	`Invalid user agent: curl/8`,
	`Error: login template missing`,
	`Error in login page for user bob`,
	`Échec de la connexion à la base de données`,
	`Password for database is missing`,
	`Failed to connect to 203.0.113.5`,
	`User bob logged out`,
	`User bob created account successfully`,
	`Authentication plugin loaded`,
	`Authentication failed handler registered`,
	`Login to smtp server is required`,
	`Invalid login form token`,
	`password cannot be empty`,
	`Successful import of 3 authentication records`,
	`Session opened for user bob from 203.0.113.5`,
	`Request failed for user bob`,
	`Unknown user group x`,
	`Login succeeded rate limit`,
	`not logged in`,
	`Access to 203.0.113.5 denied by rule`,
	`error: 5 login attempts remaining`,
	`Connection from 203.0.113.5 failed`,
	`failed to fetch user from 203.0.113.5`,
	`User login history updated`,
	`email sent successfully to bob@example.com`,
	`Log in to continue`,
	`Sign up failed for bob`,
	`Successfully logged to file`,
	`invalid input for user bob`,
	`Account bob from 203.0.113.5 not found`,
	`Bad request from client 203.0.113.5`,
	`Client 203.0.113.5 rejected: bad request`,
	`User bob failed validation`,
	`client 203.0.113.5 accepted`,
	`Host db1 failed`,
	`Source 203.0.113.5 blocked`,
	`account deletion failed for bob`,
	`invalid token from 203.0.113.5`,
}
