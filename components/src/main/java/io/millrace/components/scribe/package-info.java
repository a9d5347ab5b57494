/* SPDX-License-Identifier: Apache-2.0 */
/** The Scribe source: a Thrift server that knows Scribe's Log. */
package io.millrace.components.scribe;
