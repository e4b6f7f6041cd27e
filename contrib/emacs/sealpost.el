;;; sealpost.el --- send mail through sealpost  -*- lexical-binding: t; -*-
;; SPDX-License-Identifier: ISC

;; For message-mode, Gnus, notmuch and mu4e.  Put (load "/path/to/sealpost") into your init file.

;;; Commentary:

;; Emacs runs a program by its path and takes any output for an error: sealpost is silent when all is well, and what it
;; says of a refusal is shown.

;;; Code:

(require 'message)

(setq send-mail-function #'sendmail-send-it
      message-send-mail-function #'message-send-mail-with-sendmail
      sendmail-program "/usr/local/libexec/sealpost/sendmail"
      ;; The envelope's sender is the one of the From field.
      message-sendmail-envelope-from 'header
      ;; Wait for the end and show what was said.
      mail-interactive t
      message-interactive t
      mail-self-blind nil)

;; What is being written is saved in clear text every now and then, unless nowhere is named.
(setq message-auto-save-directory nil)

;; Copies of sent mail are clear text.
(setq-default gnus-message-archive-group nil
              notmuch-fcc-dirs nil
              mu4e-sent-messages-behavior 'delete)

(defun sealpost-why ()
  "Show why the last mails were refused."
  (interactive)
  (shell-command "sealpost why -n 5" "*sealpost why*"))

(provide 'sealpost)

;;; sealpost.el ends here
