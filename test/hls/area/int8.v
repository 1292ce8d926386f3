// One output of the int8 array: four products of 8 by 16 bits and their sum into an accumulator. Two DSP blocks multiply, two more multiply and add.
module int8(input clk, input first, input signed [31:0] weights, input signed [63:0] values, output reg signed [31:0] acc);
  reg signed [7:0] w0, w1, w2, w3, w0b, w2b;
  reg signed [15:0] v0, v1, v2, v3, v0b, v2b;
  reg signed [24:0] p1, p3, s0, s2;
  always @(posedge clk) begin
    {w3, w2, w1, w0} <= weights;
    {v3, v2, v1, v0} <= values;
    p1 <= w1 * v1;
    p3 <= w3 * v3;
    w0b <= w0;
    v0b <= v0;
    w2b <= w2;
    v2b <= v2;
    s0 <= w0b * v0b + p1;
    s2 <= w2b * v2b + p3;
    acc <= (first ? 0 : acc) + s0 + s2;
  end
endmodule
