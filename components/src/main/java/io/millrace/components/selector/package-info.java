/* SPDX-License-Identifier: Apache-2.0 */
/** What decides which channels get which events. */
package io.millrace.components.selector;
