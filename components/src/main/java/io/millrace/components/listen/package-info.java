/* SPDX-License-Identifier: Apache-2.0 */
/** What sources that listen have in common. */
package io.millrace.components.listen;
