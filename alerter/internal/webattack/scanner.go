package webattack

// scanners are what tools of attack call themselves unless told otherwise.
func scanners() []string {
	return []string{
		"sqlmap", "nikto", "nmap scripting engine", "masscan", "zgrab", "nuclei", "dirbuster", "gobuster", "wpscan", "acunetix", "nessus", "openvas",
		"havij", "w3af", "arachni", "ffuf", "fuzz faster", "feroxbuster", "whatweb", "wfuzz", "jaeles", "dirsearch", "l9explore", "l9tcpid", "joomscan",
		"zmeu", "morfeus", "jorgee", "netsparker", "commix", "xsstrike", "hydra", "metasploit", "burpsuite", "burp collaborator", "appscan", "webinspect",
		"skipfish", "vega/", "paros/", "owasp", "zaproxy", "subfinder", "httpx - open-source", "naabu", "cgichk", "webshag", "sqlninja", "bsqlbf", "grendel-scan",
		"n-stealth", "qualys", "detectify", "dalfox", "kiterunner", "crlfuzz", "katana",
	}
}

// firstLetters files words by their first letter.
func firstLetters(words []string) (table [256][]string) {
	for _, w := range words {
		table[w[0]] = append(table[w[0]], w)
	}
	return table
}

// scanner looks for a tool of attack that says so, at the beginning of each word.
func (e *Eye) scanner(agent []byte) {
	for i, c := range agent {
		if i > 0 && isWord(agent[i-1]) {
			continue
		}
		for _, w := range e.lore.scanners[foldByte(c)] {
			if hasPrefix(agent[i:], w) {
				e.found(Scanner, sure, []byte(inUserAgent))
				return
			}
		}
	}
}
