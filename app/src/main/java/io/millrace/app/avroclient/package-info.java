/* SPDX-License-Identifier: Apache-2.0 */
/** {@code millrace avro-client}: sends lines of files or of standard input to an Avro source. */
package io.millrace.app.avroclient;
