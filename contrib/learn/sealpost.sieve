# Keys of those who write to you, out of each mail as it arrives, by Sieve (Pigeonhole's vnd.dovecot.pipe). The administrator
# lets "sealpost-learn" be called: the script beside this file lies in the folder that sieve_pipe_bin_dir names, in dovecot's
# configuration: sieve_plugins = sieve_extprograms, sieve_extensions = +vnd.dovecot.pipe. ":copy": the mail goes on; ":try":
# whatever happens.
require ["vnd.dovecot.pipe", "copy"];

if anyof (exists "Autocrypt", header :contains "Content-Type" ["multipart/", "application/pgp-keys"]) {
	pipe :copy :try "sealpost-learn";
}
