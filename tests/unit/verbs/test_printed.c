/* SPDX-License-Identifier: ISC */
/* What reports and check print, in each of their forms; and what check remembers of a domain. */
#include "verbs_util.h"

#define REPORT(failed)                                                                             \
	"{\"organization-name\":\"Company-X\",\"date-range\":{"                                    \
	"\"start-datetime\":\"2016-04-01T00:00:00Z\",\"end-datetime\":\"2016-04-01T23:59:59Z\"},"  \
	"\"contact-info\":\"sts@x.example\",\"report-id\":\"5065427c\",\"policies\":[{\"policy\":" \
	"{\"policy-type\":\"sts\",\"policy-string\":[\"version: STSv1\",\"mode: testing\","        \
	"\"mx: *.mail.y.example\",\"max_age: 86400\"],\"policy-domain\":\"y.example\","            \
	"\"mx-host\":\"*.mail.y.example\"},\"summary\":{\"total-successful-session-count\":5326,"  \
	"\"total-failure-session-count\":" failed "},\"failure-details\":["
#define FAILED                                                                                     \
	"{\"result-type\":\"certificate-expired\",\"sending-mta-ip\":\"2001:db8:abcd:0012::1\","   \
	"\"receiving-mx-hostname\":\"mx1.mail.y.example\",\"failed-session-count\":100},"          \
	"{\"result-type\":\"starttls-not-supported\",\"sending-mta-ip\":\"198.51.100.62\","        \
	"\"receiving-mx-hostname\":\"mx2.mail.y.example\",\"receiving-ip\":\"203.0.113.56\","      \
	"\"failed-session-count\":203}"
#define MAIL(kind, body)                                                                           \
	"From: TLS reports <tls@x.example>\nTo: reports@y.example\n"                               \
	"Subject: Report Domain: y.example Submitter: x.example\nMIME-Version: 1.0\n"              \
	"Content-Type: " kind "\n\n" body "\n"

static void reported(void **state)
{
	static const struct step steps[] = {
		{"help", "", "reports --help", NULL, 0, "usage: sealpost reports", ""},
		{"nothing named", "", "reports", NULL, 64, "", "hint: "},
		{"not a date", "", "reports --since yesterday {HOME}/bad", NULL, 64, "",
			"is not a date"},
		{"no such file", "", "reports {HOME}/none", NULL, 65, NULL, "none"},
		{"some failed", "", "reports {HOME}/bad", NULL, 1, "mx1.mail.y.example", NULL},
		{"none failed", "", "reports {HOME}/good", NULL, 0, "y.example", NULL},
		{"the same twice counts once", "", "reports --json {HOME}/bad {HOME}/bad", NULL, 1,
			"303", NULL, "606"},
		{"of before", "", "reports --since 2016-04-02 {HOME}/bad", NULL, 0, NULL, NULL,
			"mx1.mail"},
		{"of that day", "", "reports --since 2016-04-01 {HOME}/bad", NULL, 1, "mx1.mail",
			NULL},
		{"as JSON", "", "reports --json {HOME}/bad", NULL, 1,
			"\"result\":\"certificate-expired\"", NULL},
		{"as CSV", "", "reports --csv {HOME}/bad", NULL, 1, "certificate-expired", NULL},
		{"as a page", "", "reports --html {HOME}/bad", NULL, 1, "<!DOCTYPE html>", NULL,
			"<script"},
		{"a mail", "", "reports {HOME}/mail", NULL, 1, "mx2.mail.y.example", NULL},
		{"a mail, from standard input", "", "reports -",
			MAIL("application/tlsrpt+json", REPORT("303") FAILED "]}]}"), 1,
			"mx1.mail.y.example", NULL},
		{"a mail in base64", "", "reports {HOME}/coded", NULL, 0, "y.example", NULL},
		{"a mail that holds none", "", "reports {HOME}/letter", NULL, 65, NULL, NULL},
		{"not a report", "", "reports {HOME}/odd", NULL, 65, NULL, NULL},
		{"a folder of mail", "", "reports {HOME}/maildir", NULL, 1, "mx1.mail.y.example",
			NULL},
		{"a folder that is none", "", "reports {HOME}/.config", NULL, 65, NULL, NULL},
	};

	(void)state;
	new_home("[sealpost]\nmta = /bin/true\n");
	put_text("bad", REPORT("303") FAILED "]}]}");
	put_text("good", REPORT("0") "]}]}");
	put_text("mail", MAIL("application/tlsrpt+json", REPORT("303") FAILED "]}]}"));
	put_text("letter", MAIL("text/plain", "hello"));
	put_text("odd", "{\"organization-name\":1}");
	put_text("coded",
		MAIL("multipart/report; report-type=tlsrpt; boundary=b",
			"--b\nContent-Type: text/plain\n\nhello\n--b\n"
			"Content-Type: application/tlsrpt+json\n\n" REPORT("0") "]}]}\n--b--"));
	assert_int_equal(mkdir(in_home("maildir"), 0700), 0);
	assert_int_equal(mkdir(in_home("maildir/cur"), 0700), 0);
	assert_int_equal(mkdir(in_home("maildir/new"), 0700), 0);
	assert_int_equal(mkdir(in_home("maildir/tmp"), 0700), 0);
	put_text("maildir/cur/1:2,S", MAIL("application/tlsrpt+json", REPORT("303") FAILED "]}]}"));
	put_text("maildir/new/2", MAIL("text/plain", "hello"));
	RUN_STEPS(steps);
}

static void checked_in_each_form(void **state)
{
	static const struct step steps[] = {
		{"as CSV", "", "check --csv bound.example absent.example", NULL, 1, "bound.example",
			NULL},
		{"as a page", "", "check --html bound.example absent.example late.example", NULL,
			75, "<!DOCTYPE html>", NULL, "<script"},
		{"a line each", "", "check bound.example absent.example nomail.example", NULL, 1,
			"absent.example", NULL},
		{"from standard input", "", "check -", "bound.example\nabsent.example\n", 1,
			"absent.example", NULL},
		{"with its final dot", "", "check --csv bound.example.", NULL, 0, "bound.example,",
			NULL},
		{"for Postfix", "", "check --postfix bound.example", NULL, 0, "dane", NULL},
		{"forms that do not go together", "", "check --csv --changes bound.example", NULL,
			64, "", "cannot be used with --changes"},
		{"history of nobody", "", "check --history", NULL, 64, "", "hint: "},
		{"history of somebody not known", "", "check --history bound.example", NULL, 1,
			NULL, NULL},
		{"for the first time", "", "check --changes bound.example", NULL, 0, NULL, NULL},
		{"nothing new", "", "check --changes --json bound.example", NULL, 0, NULL, NULL},
		{"an address, for the first time", "", "check --changes alice@x.example", NULL, 0,
			NULL, NULL},
		{"its key is another one", "next", "check --changes alice@x.example", NULL, 1,
			"alice@x.example", NULL},
		{"and is gone, as JSON", "gone", "check --changes --json alice@x.example", NULL, 1,
			"alice@x.example", NULL},
		{"its history", "", "check --history alice@x.example", NULL, 0, "alice@x.example",
			NULL},
		{"its history as JSON", "", "check --history --json alice@x.example", NULL, 0, "{",
			NULL},
		{"could not be asked", "", "check --changes late.example", NULL, 75, NULL, NULL},
	};

	(void)state;
	new_home("[sealpost]\nmta = /bin/true\n");
	RUN_STEPS(steps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reported), cmocka_unit_test(checked_in_each_form)};

	return cmocka_run_group_tests_name("printed", tests, make_keys, drop_keys);
}
