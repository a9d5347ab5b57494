/* SPDX-License-Identifier: Apache-2.0 */
/** The http sink: events to a web server, one or several in a request. */
package io.millrace.components.httpsink;
