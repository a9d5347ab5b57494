/* SPDX-License-Identifier: Apache-2.0 */
/** {@code millrace plan}: what a flow needs, from measured figures. */
package io.millrace.app.plan;
