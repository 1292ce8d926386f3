// Conversions of the float unit: an int32 to binary32 (13.1, 14.3), binary32 to int16 at a fraction (11.3).
module to_float(input clk, input signed [31:0] v, output reg [31:0] f);
  reg sign;
  reg [31:0] magnitude;
  reg [4:0] zeros;
  reg [31:0] shifted;
  reg sign2;
  reg [7:0] exponent;
  integer i;
  always @(posedge clk) begin
    sign <= v[31];
    magnitude <= v[31] ? -v : v;
  end
  always @* begin
    zeros = 31;
    for (i = 0; i < 32; i = i + 1) if (magnitude[i]) zeros = 31 - i;
  end
  always @(posedge clk) begin
    shifted <= magnitude << zeros;
    exponent <= magnitude == 0 ? 0 : 158 - zeros;
    sign2 <= sign;
    f <= {sign2, exponent, shifted[30:8]} + (shifted[7] && (shifted[8] || shifted[6:0] != 0));
  end
endmodule

module to_fixed(input clk, input [31:0] f, input [5:0] fraction, output reg signed [15:0] q);
  reg signed [9:0] at;
  reg [24:0] magnitude;
  reg sign, sign2, large, large2;
  reg signed [41:0] shifted;
  always @(posedge clk) begin
    at <= $signed({2'b0, f[30:23]}) - 10'sd150 + $signed({4'b0, fraction}) + 10'sd17;
    magnitude <= {2'b01, f[22:0]};
    sign <= f[31];
    shifted <= (sign ? -$signed({17'b0, magnitude}) : $signed({17'b0, magnitude})) >>> (at < 0 ? 10'sd17 - at : 10'sd17 - at);
    large <= at > 10'sd17;
    sign2 <= sign;
    q <= large ? {sign2, {15{~sign2}}} : (shifted[41:16] == {26{shifted[16]}}) ? ((shifted + 1) >>> 1) : {shifted[41], {15{~shifted[41]}}};
  end
endmodule
