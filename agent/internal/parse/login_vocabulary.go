package parse

// kind says what a word can be in a text that tells of a login. A word may be several
// things: which, the words around it say.
type kind uint32

const (
	noun       kind = 1 << iota // what ends well or badly: "login", "password"
	weak                        // a noun only of an attempt, or with a name: "access"
	attempt                     // "attempt"
	failing                     // "failed", "wrong"
	nobodys                     // and of a name, that nobody has it: "unknown"
	unable                      // and only of what comes after it: "cannot"
	succeeding                  // "successful"
	done                        // a noun and its end in one: "authenticated"
	particle                    // only with "in" or "on" behind it: "log", "signed"
	negating                    // "not"
	user                        // leads to a name
	place                       // leads to an address
	either                      // leads to one of both: "for"
	server                      // leads to an address that is not the client's
	forwards                    // leads to what a client says of itself
	joining                     // may stand between a name's word and the verdict: "or", "name"
	method                      // with what: "Duo", "LDAP"
	filling                     // any other word of programs
)

// longestWord bounds the words of the vocabulary, in bytes.
const longestWord = 20

// kindOf looks a word up, in any case. The words are English, German, French, Dutch,
// Spanish, Italian, Portuguese and Polish.
func kindOf(word []byte) kind {
	if len(word) == 0 || len(word) > longestWord {
		return 0
	}
	var low [longestWord]byte
	for i, c := range word {
		low[i] = lower(c)
		if i > 0 && word[i-1] == 0xc3 && c >= 0x80 && c < 0x9f && c != 0x97 {
			low[i] = c | 0x20 // a capital of Latin 1, as UTF-8 has it
		}
	}
	if len(word) > 6 {
		return longWord(low[:len(word)])
	}
	return shortWord(low[:len(word)])
}

// shortWord knows the words of the vocabulary of up to six bytes.
func shortWord(word []byte) kind {
	switch string(word) {
	case "auth", "haslo", "hasła", "hasło", "inlog", "logon", "passe", "senha", "sesion", "sessao", "signin":
		return noun
	case "acceso", "access", "acesso":
		return noun | weak
	case "logins":
		return noun | attempt
	case "logged", "signed":
		return noun | succeeding | particle
	case "log", "sign":
		return noun | particle
	case "login":
		return noun | user
	case "poging", "próba", "próby", "tries", "try":
		return attempt
	case "bad", "denied", "echec", "errata", "errate", "errati", "errato", "erreur", "fail", "failed", "fails", "falha", "falhou", "fallo", "falló",
		"falsch", "foute", "negado", "negata", "negato", "wrong", "échec":
		return failing
	case "such":
		return failing | nobodys | filling
	case "can't", "cannot", "unable":
		return failing | unable
	case "error":
		return failing | filling
	case "find":
		return nobodys | filling
	case "could", "did", "does":
		return unable | filling
	case "gelukt", "ok", "udane", "éxito":
		return succeeding
	case "didn't", "geen", "isn't", "keine", "nao", "never", "nicht", "nie", "niet", "non", "não", "pas", "wasn't":
		return negating
	case "no", "not":
		return negating | filling
	case "acct", "mail", "uname", "user", "userid", "utente":
		return user
	case "email":
		return user | joining
	case "addr", "adres", "adresu", "client", "da", "depuis", "desde", "from", "host", "ip", "od", "peer", "rhost", "source", "src", "srcip", "z": //nolint:misspell // Dutch
		return place
	case "remote":
		return place | method
	case "dla", "for", "für", "para", "pour", "voor":
		return either
	case "of":
		return either | joining | filling
	case "by", "de", "del", "dell", "della", "der", "des", "di", "do", "per", "van", "von":
		return either | filling
	case "dest", "dst", "proxy", "server":
		return server
	case "local":
		return server | method | filling
	case "at", "on", "to":
		return server | filling
	case "xff":
		return forwards
	case "and", "are", "code", "e", "en", "est", "et", "i", "is", "ist", "lub", "name", "o", "oder", "or", "ou", "und", "war", "was", "were", "y":
		return joining | filling
	case "1fa", "2fa", "admin", "api", "basic", "bearer", "cli", "cookie", "digest", "duo", "factor", "fido", "fido2", "first", "ftp", "ftps", "gui",
		"hotp", "http", "https", "imap", "jwt", "key", "ldap", "mfa", "mobile", "multi", "ntlm", "oauth", "oauth2", "oidc", "openid", "otp", "pam",
		"pin", "pop3", "portal", "public", "push", "radius", "saml", "saml2", "sasl", "second", "sftp", "single", "sip", "smtp", "ssh", "sso", "token",
		"totp", "two", "u2f", "vpn", "web", "webdav", "webui", "xmpp":
		return method | filling
	case "a", "after", "again", "al", "an", "as", "be", "been", "bei", "beim", "but", "d", "das", "db", "die", "due", "een", "ein", "eine", "el",
		"event", "exist", "found", "given", "had", "has", "hat", "have", "het", "il", "in", "inicio", "input", "l", "la", "le", "les", "lo", "los",
		"made", "many", "match", "method", "mit", "mot", "nazwa", "nom", "nombre", "nome", "op", "over", "port", "rate", "reason", "sich", "się",
		"than", "that", "the", "their", "this", "too", "type", "used", "using", "via", "with", "wurde", "your", "zu", "zur":
		return filling
	}
	return 0
}

// longWord knows the others.
func longWord(word []byte) kind {
	switch string(word) {
	case "aanmelden", "aanmelding", "aanmeldpoging", "anmeldedaten", "anmelden", "anmeldeversuch", "anmeldeversuche", "anmeldung", "autenticacao",
		"autenticacion", "autenticación", "autenticar", "autenticare", "autenticazione", "autenticação", "authenticate", "authenticatie",
		"authenticating", "authentication", "authentification", "authentifizierung", "authorization", "contraseña", "credenciais", "credenciales",
		"credential", "credentials", "credenziali", "identifiants", "inloggen", "inlogpoging", "kennwort", "loginattempt", "logowania", "logowanie",
		"passcode", "passphrase", "password", "passwort", "sesión", "sessão", "uwierzytelniania", "uwierzytelnianie", "uwierzytelnienie", "wachtwoord",
		"zalogować", "zugangsdaten":
		return noun
	case "accesso", "connecter", "connexion", "dostęp", "dostępu", "toegang", "zugriff":
		return noun | weak
	case "angemeldet", "autenticado", "autenticato", "authenticated", "authentifié", "authentifiée", "geauthenticeerd":
		return noun | succeeding | done
	case "logging", "signing":
		return noun | particle
	case "attempt", "attempted", "attempts", "intento", "intentos", "pogingen", "tentativa", "tentativas", "tentative", "tentatives", "tentativi",
		"tentativo", "versuch", "versuche":
		return attempt
	case "abgelehnt", "blocked", "błędna", "błędne", "błędny", "denegada", "denegado", "echoué", "erroné", "errónea", "erróneo", "failure",
		"falhada", "falhado", "fallida", "fallido", "fallidos", "fallita", "fallite", "fallito", "falsche", "falsches", "fehlerhafte", "fehlerhafter",
		"fehlgeschlagen", "fehlgeschlagene", "fehlgeschlagener", "foutief", "foutieve", "gescheitert", "geweigerd", "incorrect", "incorrecta",
		"incorrectas", "incorrecte", "incorrecto", "incorrectos", "incorrects", "incorreta", "incorreto", "incorretos", "limited", "mislukt",
		"mislukte", "mismatch", "niepoprawna", "niepoprawne", "niepoprawny", "nieprawidłowa", "nieprawidłowe", "nieprawidłowy", "nieudana", "nieudane",
		"nieudany", "odrzucone", "odrzucono", "onjuist", "onjuiste", "rechazada", "rechazado", "recusada", "recusado", "refused", "refusé", "refusée",
		"rejected", "rifiutata", "rifiutato", "throttled", "unauthenticated", "unsuccessful", "unsuccessfully", "verkeerd", "verkeerde", "verweigert",
		"échoué", "échouée":
		return failing
	case "desconhecido", "desconocido", "illegal", "inconnu", "invalid", "invalide", "invalides", "inválida", "inválidas", "inválido", "inválidos",
		"nieznany", "nonexistent", "onbekende", "ongeldig", "ongeldige", "sconosciuto", "unauthorized", "unbekannter", "ungültig", "ungültige",
		"ungültiger", "ungültiges", "unknown":
		return failing | nobodys
	case "couldn't":
		return failing | unable
	case "accepted", "correctamente", "erfolgreich", "erfolgreiche", "erfolgreicher", "exitosa", "exitoso", "geslaagd", "geslaagde", "granted",
		"pomyślne", "pomyślnie", "powiodło", "powodzenie", "powodzeniem", "riuscita", "riuscito", "réussi", "réussie", "succeeded", "succeeds",
		"success", "successful", "successfully", "sucesso":
		return succeeding
	case "doesn't":
		return negating
	case "account", "benutzer", "benutzername", "benutzers", "gebruiker", "gebruikersnaam", "username", "usuario", "usuário", "utilisateur",
		"utilisateurs", "utilizador", "użytkownik", "użytkownika":
		return user
	case "address", "adresse", "clientip", "ipaddress", "remoteip":
		return place
	case "destination", "listener":
		return server
	case "certificate", "console", "interactive", "kerberos", "keyboard", "passkey", "passwordless", "publickey", "twofactor", "webauthn":
		return method | filling
	case "because", "entered", "iniciar", "início", "occurred", "protocol", "provided", "request", "service", "supplied", "through", "validating",
		"zakończona", "zakończone":
		return filling
	}
	return 0
}
