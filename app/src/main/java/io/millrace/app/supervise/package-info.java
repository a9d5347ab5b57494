/* SPDX-License-Identifier: Apache-2.0 */
/** {@code millrace supervise}: one agent as a child process that is started again when it ends. */
package io.millrace.app.supervise;
