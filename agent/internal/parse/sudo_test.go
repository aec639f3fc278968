package parse

import "testing"

func TestSudo(t *testing.T) { testCases(t, "sudo", sudoCases) }

func FuzzSudo(f *testing.F) { fuzzParser(f, "sudo", sudoCases) }

var sudoCases = []lineCase{
	{
		`    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/ls -l /root`,
		"auth sudo", `event.category=process; event.action=sudo_command; event.outcome=success; user.name=alice; process.tty.name=pts/0; process.working_directory=/home/alice; user.effective.name=root; process.command_line=/bin/ls -l /root`,
	},
	{
		`alice : PWD=/ ; USER=www-data ; COMMAND=/usr/bin/id`,
		"auth sudo", `event.category=process; event.action=sudo_command; event.outcome=success; user.name=alice; process.working_directory=/; user.effective.name=www-data; process.command_line=/usr/bin/id`,
	},
	{
		`alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; TSID=00001A ; ENV=A=1 ; COMMAND=/bin/sh`,
		"auth sudo", `event.category=process; event.action=sudo_command; event.outcome=success; user.name=alice; process.tty.name=pts/0; process.working_directory=/home/alice; user.effective.name=root; process.command_line=/bin/sh`,
	},
	{
		`alice : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/su`,
		"auth sudo", `event.category=authentication; event.action=sudo_authentication; event.outcome=failure; tocsin.repeated=3; event.reason=3 incorrect password attempts; user.name=alice; process.tty.name=pts/0; process.working_directory=/home/alice; user.effective.name=root; process.command_line=/bin/su`,
	},
	{
		`alice : a password is required ; TTY=unknown ; PWD=/ ; USER=root ; COMMAND=/bin/true`,
		"auth sudo", `event.category=authentication; event.action=sudo_authentication; event.outcome=failure; event.reason=a password is required; user.name=alice; process.tty.name=unknown; process.working_directory=/; user.effective.name=root; process.command_line=/bin/true`,
	},
	{
		`eve : user NOT in sudoers ; TTY=pts/1 ; PWD=/tmp ; USER=root ; COMMAND=/bin/bash`,
		"auth sudo", `event.category=authentication; event.action=sudo_denied; event.outcome=failure; event.reason=user NOT in sudoers; user.name=eve; process.tty.name=pts/1; process.working_directory=/tmp; user.effective.name=root; process.command_line=/bin/bash`,
	},
	{
		`eve : command not allowed ; TTY=pts/1 ; PWD=/tmp ; USER=root ; COMMAND=/bin/bash`,
		"auth sudo", `event.category=authentication; event.action=sudo_denied; event.outcome=failure; event.reason=command not allowed; user.name=eve; process.tty.name=pts/1; process.working_directory=/tmp; user.effective.name=root; process.command_line=/bin/bash`,
	},
	{
		`eve : TTY=pts/1 ; PWD=/tmp/x ; USER=bob ; COMMAND=/bin/true ; USER=root ; COMMAND=/bin/bash`,
		"auth sudo", `event.category=process; event.action=sudo_command; event.outcome=success; user.name=eve; process.tty.name=pts/1`,
	},
	{
		`eve : TTY=pts/1 ; PWD=/tmp/x ; USER=bob ; y ; USER=root ; COMMAND=/bin/bash`,
		"auth sudo", `event.category=process; event.action=sudo_command; event.outcome=success; user.name=eve; process.tty.name=pts/1; process.command_line=/bin/bash`,
	},
	{
		`pam_unix(sudo:session): session opened for user root by alice(uid=1000)`,
		"auth pam", `event.category=session; event.action=pam_session_opened; event.outcome=success; user.name=root; source.user.name=alice`,
	},
	{
		`alice : (command continued) --more`,
		"system plain", ``,
	},
	{
		`not sudo at all`,
		"system plain", ``,
	},
	{
		`alice : HOST=web1 ; TTY=pts/1 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/ls`,
		"auth sudo", `event.category=process; event.action=sudo_command; event.outcome=success; user.name=alice; process.tty.name=pts/1; process.working_directory=/home/alice; user.effective.name=root; process.command_line=/bin/ls`,
	},
	{
		`alice : unknown user x ; TTY=pts/9 ; USER=root ; COMMAND=/bin/sh ; TTY=pts/9 ; HOST=web1 ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/true`,
		"auth sudo", `event.category=authentication; event.action=sudo_denied; event.outcome=failure; event.reason=unknown user x; user.name=alice`,
	},
	{
		`alice : PAM authentication error: Module is unknown ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/ls`,
		"auth sudo", `event.category=authentication; event.action=sudo_authentication; event.outcome=failure; event.reason=PAM authentication error: Module is unknown; user.name=alice; process.tty.name=pts/1; process.working_directory=/; user.effective.name=root; process.command_line=/bin/ls`,
	},
	{
		`alice : account validation failure, is your account locked? ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/ls`,
		"auth sudo", `event.category=authentication; event.action=sudo_authentication; event.outcome=failure; event.reason=account validation failure, is your account locked?; user.name=alice; process.tty.name=pts/1; process.working_directory=/; user.effective.name=root; process.command_line=/bin/ls`,
	},
	{
		`alice : user not allowed to change root directory to /srv ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/ls`,
		"auth sudo", `event.category=authentication; event.action=sudo_denied; event.outcome=failure; event.reason=user not allowed to change root directory to /srv; user.name=alice; process.tty.name=pts/1; process.working_directory=/; user.effective.name=root; process.command_line=/bin/ls`,
	},
	{
		`alice : unable to open /run/sudo/ts/alice: Permission denied ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/ls`,
		"auth sudo", `event.category=process; event.action=sudo_warning; event.outcome=unknown; event.reason=unable to open /run/sudo/ts/alice: Permission denied; user.name=alice; process.tty.name=pts/1; process.working_directory=/; user.effective.name=root; process.command_line=/bin/ls`,
	},
	{
		`alice :  PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/id`,
		"auth sudo", `event.category=process; event.action=sudo_command; event.outcome=success; user.name=alice; process.working_directory=/home/alice; user.effective.name=root; process.command_line=/usr/bin/id`,
	},
	{
		`alice : problem with defaults entries ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id`,
		"auth sudo", `event.category=process; event.action=sudo_warning; event.outcome=unknown; event.reason=problem with defaults entries; user.name=alice; process.tty.name=pts/0; process.working_directory=/; user.effective.name=root; process.command_line=/usr/bin/id`,
	},
	{
		`alice : (command continued) ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id`,
		"system plain", ``,
	},
	{
		`@cee:{"sudo":{"accept":{"uuid":"0b","server_time":{"seconds":1764064800,"nanoseconds":1},"submituser":"alice","command":"/usr/bin/id","runuser":"root","ttyname":"/dev/pts/0","submithost":"web01","submitcwd":"/home/alice \"; USER=bob","runuid":0,"columns":80,"lines":24,"runargv":["id","-u"],"runenv":["A=sudo"]}}}`,
		"auth sudo", `event.category=process; event.action=sudo_command; event.outcome=success; user.name=alice; process.tty.name=pts/0; process.working_directory=/home/alice "; USER=bob; user.effective.name=root; process.executable=/usr/bin/id`,
	},
	{
		`@cee:{"sudo":{"reject":{"uuid":"0b","reason":"3 incorrect password attempts","submituser":"bob","command":"/usr/bin/id","runuser":"root"}}}`,
		"auth sudo", `event.category=authentication; event.action=sudo_authentication; event.outcome=failure; tocsin.repeated=3; event.reason=3 incorrect password attempts; user.name=bob; user.effective.name=root; process.executable=/usr/bin/id`,
	},
	{
		`@cee:{"sudo":{"reject":{"reason":"command not allowed","submituser":"bob","command":"/usr/bin/id","runuser":"root"}}}`,
		"auth sudo", `event.category=authentication; event.action=sudo_denied; event.outcome=failure; event.reason=command not allowed; user.name=bob; user.effective.name=root; process.executable=/usr/bin/id`,
	},
	{
		`@cee:{"sudo":{"reject":{"reason":"what a plugin says","submituser":"bob"}}}`,
		"auth sudo", `event.category=authentication; event.action=sudo_denied; event.outcome=failure; event.reason=what a plugin says; user.name=bob`,
	},
	{
		`@cee:{"sudo":{"alert":{"reason":"unable to open /etc/sudoers","submituser":"bob"}}}`,
		"auth sudo", `event.category=process; event.action=sudo_warning; event.outcome=unknown; event.reason=unable to open /etc/sudoers; user.name=bob`,
	},
	{
		`@cee:{"sudo":{"exit":{"uuid":"0b","run_time":{"seconds":1,"nanoseconds":2},"exit_value":1,"submituser":"alice"}}}`,
		"auth sudo", `event.category=process; event.action=sudo_command_ended; event.outcome=unknown; process.exit_code=1; user.name=alice`,
	},
	{
		`@cee:{"sudo":{"accept":{"submituser":"alice"},"reject":{"submituser":"bob"}}}`,
		"system plain", ``,
	},
	{
		`@cee:{"visudo":{"accept":{"submituser":"alice"}}}`,
		"system plain", ``,
	},
}
