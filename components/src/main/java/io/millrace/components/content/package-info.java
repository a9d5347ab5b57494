/* SPDX-License-Identifier: Apache-2.0 */
/** What stands in files of this host, compressed or not. */
package io.millrace.components.content;
