/* Stand-in for the header that a platform has. */
#ifndef XPARAMETERS_H
#define XPARAMETERS_H
#define XPAR_ENGINE_S_AXI_CONTROL_BASEADDR 0xA0000000u
#endif
